"""Takes ports, secrets and endpoints; gives the five services as programs, each with its environment file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from stack.layout import RunDir, python, write_private
from stack.plan.endpoints import Endpoints
from stack.plan.secret_store import Secrets
from stack.ports import SERVICE_OFFSETS, Ports
from stack.process.programs import Program
from stack.process.readiness import Question

SERVICE_NAMES = tuple(SERVICE_OFFSETS)
ROLES = {
    "auth": "je_auth",
    "api-gateway": "je_gateway",
    "jira-sync": "je_sync",
    "export-worker": "je_export",
    "notifier": "je_notifier",
}
OPERATOR_EMAIL = "operator@example.com"
DEMO_EMAIL = "demo@example.com"
NEIGHBOUR_EMAIL = "neighbour@example.com"
_NEEDS_STORAGE = ("export-worker",)
_NEEDS_MASTER_KEY = ("auth", "jira-sync")


@dataclass(frozen=True)
class ServicePlan:
    run: RunDir
    ports: Ports
    secrets: Secrets
    endpoints: Endpoints
    #: The simulator that plays Atlassian's accounts; None = the real ones.
    atlassian: str | None = field(default=None, kw_only=True)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports.service(name)}"

    def dsn(self, name: str) -> str:
        return self.endpoints.dsn_of(ROLES[name], self.secrets[f"postgres_{name}"])

    def kafka(self) -> dict[str, str]:
        return {"KAFKA__BOOTSTRAP": self.endpoints.kafka_bootstrap} | self._given("KAFKA__")

    def storage(self) -> dict[str, str]:
        return {
            "S3__ENDPOINT": self.endpoints.s3_endpoint,
            "S3__PUBLIC_ENDPOINT": self.endpoints.s3_endpoint,
            "S3__REGION": self.endpoints.s3_region,
            "S3__BUCKET": self.endpoints.s3_bucket,
            "S3__ACCESS_KEY": self.endpoints.s3_access_key,
            "S3__SECRET_KEY": self.endpoints.s3_secret_key,
        } | self._given("S3__")

    def crypto(self) -> dict[str, str]:
        return {
            "CRYPTO__MASTER_KEYS": json.dumps({"k1": self.secrets["master_key"]}),
            "CRYPTO__ACTIVE_KEY": "k1",
        }

    def _given(self, prefix: str) -> dict[str, str]:
        return {name: value for name, value in self.endpoints.more.items() if name.startswith(prefix)}

    def environment(self, name: str) -> dict[str, str]:
        """Every setting of one service: names as pydantic-settings reads them."""
        common = {
            "POSTGRES__DSN": self.dsn(name),
            "REDIS__URL": self.endpoints.redis_url,
            "HTTP__HOST": "127.0.0.1",
            "HTTP__PORT": str(self.ports.service(name)),
            "HTTP__INTERNAL_PORT": str(self.ports.metrics(name)),
            "TOKENS__JWKS_URL": f"{self.url('auth')}/.well-known/jwks.json",
            "TOKENS__ISSUER": "jira-export",
            "TOKENS__AUDIENCE": "jira-export",
            "INTERNAL__SECRET": self.secrets["internal"],
            "LOG__LEVEL": "info",
            "LOG__FORMAT": "json",
        }
        given = self._given("POSTGRES__") | self._given("REDIS__")
        storage = self.storage() if name in _NEEDS_STORAGE else {}
        crypto = self.crypto() if name in _NEEDS_MASTER_KEY else {}
        return common | given | self.kafka() | storage | crypto | self._own(name)

    def _own(self, name: str) -> dict[str, str]:
        """Settings that one service alone has."""
        own: dict[str, dict[str, str]] = {
            "auth": {
                "PUBLIC_URL": self.url("api-gateway"),
                # A laptop has no mail server: whoever develops reads the links in the log of auth.
                "MAIL": "console",
                "ALLOWED_INNER_HOSTS": '["127.0.0.1","localhost"]',
                **self._accounts(),
                "PEERS__JIRA_SYNC_URL": self.url("jira-sync"),
                "PEERS__EXPORT_WORKER_URL": self.url("export-worker"),
                "PEERS__API_GATEWAY_URL": self.url("api-gateway"),
            },
            "api-gateway": {
                "PEERS__AUTH_URL": self.url("auth"),
                "PEERS__JIRA_SYNC_URL": self.url("jira-sync"),
                "PEERS__EXPORT_WORKER_URL": self.url("export-worker"),
                "CURSOR_SECRET": self.secrets["cursors"],
                "CORS_ORIGINS": "[]",
            },
            "jira-sync": {
                # The operator of a laptop lets Jira addresses on loopback through; other inner ones stay refused.
                "ALLOWED_INNER_HOSTS": '["127.0.0.1","localhost"]',
                "PUBLIC_URL": self.url("jira-sync"),
                "POLL_INTERVAL": "PT15S",
            },
            "export-worker": {"PEERS__JIRA_SYNC_URL": self.url("jira-sync")},
            "notifier": {"ALLOWED_ORIGINS": "[]"},
        }
        return own.get(name, {})

    def _accounts(self) -> dict[str, str]:
        """Where people sign in with Atlassian."""
        if self.atlassian is None:
            return {}
        return {"FEDERATION__ATLASSIAN_AUTH_URL": self.atlassian, "FEDERATION__ATLASSIAN_API_URL": self.atlassian}

    def bootstrap_environment(self) -> dict[str, str]:
        return (
            {
                "ADMIN_DSN": self.endpoints.admin_dsn,
                "SERVICE_DSNS": json.dumps({name: self.dsn(name) for name in SERVICE_NAMES}),
                "FIRST_OPERATOR_EMAIL": OPERATOR_EMAIL,
                "FIRST_OPERATOR_PASSWORD": self.secrets["operator_password"],
                "FIRST_TENANT_NAME": "Demo",
                "FIRST_TENANT_SLUG": "demo",
                "FIRST_OWNER_EMAIL": DEMO_EMAIL,
                "FIRST_OWNER_PASSWORD": self.secrets["demo_password"],
            }
            | self._given("POSTGRES__")
            | self.kafka()
            | self.storage()
            | self.crypto()
        )

    def programs(self) -> list[Program]:
        return [self._program(name) for name in SERVICE_NAMES]

    def _program(self, name: str) -> Program:
        file = self.run.services / f"{name}.env"
        write_private(file, as_env_text(self.environment(name)))
        return Program(
            name=name,
            kind="service",
            command=[python(), "-m", name.replace("-", "_")],
            env_file=file,
            stop_seconds=25,
            ports=((name, self.ports.service(name)), (f"{name} metrics", self.ports.metrics(name))),
        )

    def questions(self) -> dict[str, Question]:
        return {name: ready_question(f"{self.url(name)}/health/ready") for name in SERVICE_NAMES}


def ready_question(url: str) -> Question:
    async def ask() -> str | None:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                answer = await client.get(url)
        except httpx.HTTPError as err:
            return str(err) or type(err).__name__
        return (
            None if answer.status_code == httpx.codes.OK else f"{url} answers {answer.status_code} {answer.text[:200]}"
        )

    return ask


def as_env_text(values: Mapping[str, str]) -> str:
    """KEY=VALUE lines as our launcher reads them: the value is everything after the first sign of equality."""
    for name, value in values.items():
        if "\n" in value:
            message = f"{name} has a line break, and an environment file cannot hold one"
            raise ValueError(message)
    return "".join(f"{name}={value}\n" for name, value in values.items())
