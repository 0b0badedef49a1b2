"""Takes options; runs the same system in containers by docker-compose.yml, with the same `.run/env` at the end."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from stack.demo.connections import ensure_demo_connections
from stack.errors import StackError
from stack.layout import CHECKOUT, RunDir, write_private
from stack.part.object_storage import s3_identities
from stack.plan.endpoints import Endpoints
from stack.plan.options import Options
from stack.plan.public_env import public_env, write_public_env
from stack.plan.secret_store import Secrets, load_secrets
from stack.plan.services import SERVICE_NAMES, ServicePlan, as_env_text
from stack.plan.simulators import SimulatorPlan
from stack.ports import Ports


@dataclass(frozen=True)
class InsidePlan(ServicePlan):
    """The settings of services that find each other by container name and listen to other containers."""

    # What a presigned address is made with: the browser stands outside.
    public_s3: str = ""

    def url(self, name: str) -> str:
        return f"http://{name}:{self.ports.service(name)}"

    def storage(self) -> dict[str, str]:
        return super().storage() | {"S3__PUBLIC_ENDPOINT": self.public_s3}

    def environment(self, name: str) -> dict[str, str]:
        # Containers stand on private networks: nginx and the gateway name the client from there.
        proxies = '["127.0.0.0/8","10.0.0.0/8","172.16.0.0/12","192.168.0.0/16"]'
        hosts = {"HTTP__HOST": "0.0.0.0", "HTTP__INTERNAL_HOST": "0.0.0.0"}  # noqa: S104
        return super().environment(name) | hosts | {"HTTP__TRUSTED_PROXIES": proxies}

    def _own(self, name: str) -> dict[str, str]:
        own = super()._own(name)
        # The simulators share the network of jira-sync's container: its own loopback is where they deliver to.
        own_door = f"http://127.0.0.1:{self.ports.service(name)}"
        if name == "auth":
            # Browsers stand outside and come through nginx.
            return own | {"PUBLIC_URL": f"http://127.0.0.1:{self.ports.base}"}
        return own | {"PUBLIC_URL": own_door} if name == "jira-sync" else own


@dataclass(frozen=True)
class OriginPlan(ServicePlan):
    """The system as seen from outside: nginx is the one origin of everything."""

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports.base}"


def inside_endpoints(secrets: Secrets) -> Endpoints:
    return _endpoints(secrets, "postgres:5432", "kafka:9092", "redis:6379", "http://s3:8333")


def outside_endpoints(secrets: Secrets, ports: Ports) -> Endpoints:
    here = "127.0.0.1"
    return _endpoints(
        secrets,
        f"{here}:{ports.postgres}",
        f"{here}:{ports.kafka}",
        f"{here}:{ports.redis}",
        f"http://{here}:{ports.s3}",
    )


def _endpoints(secrets: Secrets, postgres: str, kafka: str, redis: str, s3: str) -> Endpoints:
    return Endpoints(
        admin_dsn=f"postgresql://postgres:{secrets['postgres_superuser']}@{postgres}/postgres",
        kafka_bootstrap=kafka,
        redis_url=f"redis://{redis}/0",
        s3_endpoint=s3,
        s3_access_key=secrets["s3_access_key"],
        s3_secret_key=secrets["s3_secret_key"],
    )


def write_compose_files(run: RunDir, options: Options) -> tuple[OriginPlan, SimulatorPlan]:
    """Writes what docker-compose.yml refers to; it names `.run` in the checkout, so that is where it must be."""
    if run.root != CHECKOUT / ".run":
        message = f"STACK=compose keeps its files in {CHECKOUT / '.run'}, and JIRA_EXPORT_RUN_DIR says {run.root}"
        raise StackError(message)
    secrets, ports = load_secrets(run), Ports(options.port_base)
    outside = outside_endpoints(secrets, ports)
    # In the containers the ports never move: only what is published does.
    inside = InsidePlan(run, Ports(), secrets, inside_endpoints(secrets), outside.s3_endpoint)
    for name in SERVICE_NAMES:
        write_private(run.services / f"{name}.env", as_env_text(inside.environment(name)))
    write_private(run.services / "bootstrap.env", as_env_text(inside.bootstrap_environment()))
    write_private(run.config / "s3.json", s3_identities(secrets["s3_access_key"], secrets["s3_secret_key"]))
    published = {
        "PUBLIC_PORT": ports.base,
        "POSTGRES_PORT": ports.postgres,
        "REDIS_PORT": ports.redis,
        "KAFKA_PORT": ports.kafka,
        "S3_PORT": ports.s3,
        "SIM_CLOUD_PORT": ports.simulator("cloud"),
        "SIM_DC_PORT": ports.simulator("datacenter"),
        "ISSUES": options.values["ISSUES"],
        "POSTGRES_SUPERUSER_PASSWORD": secrets["postgres_superuser"],
        "COMPOSE_PROJECT_NAME": f"jira-export-{run.key}",
    }
    write_private(run.root / "compose.env", as_env_text({name: str(value) for name, value in published.items()}))
    return OriginPlan(run, ports, secrets, outside), SimulatorPlan(options, ports)


def compose_up(run: RunDir, options: Options, say: Callable[[str], None]) -> None:
    services, simulators = write_compose_files(run, options)
    chosen = [f"sim-{personality}" for personality in options.personalities]
    say("  docker compose builds the images and starts the containers")
    names = [*SERVICE_NAMES, "nginx", *chosen]
    compose(run, ["--profile", "simulators", "up", "--detach", "--build", "--wait", *names])
    write_public_env(run, public_env(services, simulators))
    if chosen:
        ensure_demo_connections(services, simulators)


def compose(run: RunDir, words: list[str]) -> None:
    command = ["docker", "compose", "--env-file", str(run.root / "compose.env"), *words]
    env = {name: value for name, value in os.environ.items() if name not in {"ISSUES", "PORT_BASE"}}
    done = subprocess.run(command, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        message = f"{' '.join(command)} ended with {done.returncode}"
        raise StackError(message)


def runs_in_compose(run: RunDir) -> bool:
    return (run.root / "compose.env").exists()


def compose_down(run: RunDir) -> None:
    compose(run, ["--profile", "simulators", "down"])
    (run.root / "compose.env").unlink()
    run.env.unlink(missing_ok=True)
