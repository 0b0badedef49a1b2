"""Takes options and ports; gives the Jira simulators as programs, and the credentials that they accept."""

from dataclasses import dataclass

from stack.layout import python
from stack.plan.options import Options
from stack.plan.services import ready_question
from stack.ports import Ports
from stack.process.programs import Program
from stack.process.readiness import Question

CLOUD_EMAIL = "sim@example.com"
CLOUD_TOKEN = "sim-cloud-token"  # noqa: S105 - what a simulator with made-up data accepts
OAUTH_CLIENT = "sim-oauth-client"
OAUTH_SECRET = "sim-oauth-secret"  # noqa: S105
DATACENTER_USER = "sim"
DATACENTER_PASSWORD = "sim-dc-password"  # noqa: S105


@dataclass(frozen=True)
class SimulatorPlan:
    options: Options
    ports: Ports

    def url(self, personality: str) -> str:
        return f"http://127.0.0.1:{self.ports.simulator(personality)}"

    def programs(self) -> list[Program]:
        return [self._program(personality) for personality in self.options.personalities]

    def _program(self, personality: str) -> Program:
        port = self.ports.simulator(personality)
        accepted = {
            "cloud": ["--email", CLOUD_EMAIL, "--token", CLOUD_TOKEN, *self._oauth()],
            "datacenter": ["--user", DATACENTER_USER, "--password", DATACENTER_PASSWORD],
        }[personality]
        words = ["--personality", personality, "--port", str(port), *accepted, *self.options.simulator_words()]
        name = f"sim-{personality}"
        return Program(
            name=name,
            kind="simulator",
            command=[python(), "-m", "jira_simulator", *words],
            ports=((name, port), (f"{name} attachments", port + 1)),
        )

    def _oauth(self) -> list[str]:
        """The app of the simulated Atlassian, and where it may send browsers back to."""
        gateway = f"http://127.0.0.1:{self.ports.service('api-gateway')}/api/v1"
        redirects = f"{gateway}/auth/oidc/callback/atlassian,{gateway}/oauth/callback"
        client = ["--oauth-client-id", OAUTH_CLIENT, "--oauth-client-secret", OAUTH_SECRET]
        return [*client, "--oauth-redirects", redirects]

    def questions(self) -> dict[str, Question]:
        return {
            f"sim-{personality}": ready_question(f"{self.url(personality)}/rest/api/2/serverInfo")
            for personality in self.options.personalities
        }

    def auth(self, personality: str) -> dict[str, str]:
        """The credentials as POST /api/v1/connections takes them."""
        if personality == "cloud":
            return {"method": "api_token", "email": CLOUD_EMAIL, "token": CLOUD_TOKEN}
        return {"method": "basic", "username": DATACENTER_USER, "password": DATACENTER_PASSWORD}
