"""Takes a run directory and PORT_BASE; gives running Postgres, Redis, Kafka and S3, and how to reach them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from stack.layout import RunDir
from stack.part.kafka import Kafka
from stack.part.object_storage import ObjectStorage
from stack.part.postgres import Postgres
from stack.part.redis import Redis
from stack.plan.secret_store import load_secrets
from stack.ports import Ports
from stack.process.programs import Program
from stack.process.readiness import Question, run_async, wait_until_ready
from stack.process.running import PART_NAMES, Wanted, shut_down, start_supervisor
from stack.process.supervision import Supervisor

S3_REGION = "us-east-1"
_SECONDS_TO_START = 90.0


@dataclass(frozen=True)
class PartsEnv:
    """How to reach the parts; a superuser's DSN, because the roles of the services are made by bootstrap."""

    run_dir: Path
    postgres_dsn: str
    redis_url: str
    kafka_bootstrap: str
    s3_endpoint: str
    s3_region: str
    s3_access_key: str
    s3_secret_key: str


class Part(Protocol):
    def prepare(self) -> Program: ...

    async def ask(self) -> str | None: ...


@dataclass(frozen=True)
class Parts:
    postgres: Postgres
    redis: Redis
    kafka: Kafka
    s3: ObjectStorage

    @classmethod
    def of(cls, run: RunDir, ports: Ports, *, durable: bool = True) -> "Parts":
        secrets = load_secrets(run)
        return cls(
            postgres=Postgres(run, ports.postgres, secrets["postgres_superuser"], durable=durable),
            redis=Redis(run, ports.redis),
            kafka=Kafka(run, ports.kafka, ports.kafka_controller),
            s3=ObjectStorage(run, ports.object_storage, secrets["s3_access_key"], secrets["s3_secret_key"]),
        )

    def by_name(self) -> dict[str, Part]:
        return {"postgres": self.postgres, "redis": self.redis, "kafka": self.kafka, "s3": self.s3}

    def prepare(self) -> list[Program]:
        """Makes clusters, storages and jars side by side; nothing runs yet."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda part: part.prepare(), self.by_name().values()))

    def questions(self, names: Sequence[str] = PART_NAMES) -> dict[str, Question]:
        return {name: part.ask for name, part in self.by_name().items() if name in names}

    def env(self) -> PartsEnv:
        return PartsEnv(
            run_dir=self.postgres.run.root,
            postgres_dsn=self.postgres.dsn,
            redis_url=self.redis.url,
            kafka_bootstrap=self.kafka.bootstrap,
            s3_endpoint=self.s3.endpoint,
            s3_region=S3_REGION,
            s3_access_key=self.s3.access_key,
            s3_secret_key=self.s3.secret_key,
        )


def start_parts(
    run_dir: Path,
    port_base: int,
    *,
    durable: bool = False,
    said: Callable[[str, float], None] = lambda _name, _took: None,
) -> PartsEnv:
    """Starts the parts alone, once, however many processes ask; without `durable` nothing is forced to the disk."""
    run, ports = RunDir(run_dir.resolve()), Ports(port_base)
    run.make_folders()
    with FileLock(run.lock):
        parts = Parts.of(run, ports, durable=durable)
        start_supervisor(run, Wanted(port_base, PART_NAMES, {"durable": str(durable)}), parts.prepare)
        Supervisor(run).start(PART_NAMES)
        run_async(wait_until_ready(run, parts.questions(), _SECONDS_TO_START, said))
    return parts.env()


def stop_parts(run_dir: Path) -> None:
    """Stops all of them and their supervisor; nothing of the run directory's stack is left running."""
    run = RunDir(run_dir.resolve())
    with FileLock(run.lock):
        shut_down(run)


def stop_part(run_dir: Path, name: str) -> None:
    """Stops one part and leaves it stopped: for tests of bad days."""
    Supervisor(RunDir(run_dir.resolve())).stop([name])


def start_part(run_dir: Path, port_base: int, name: str) -> None:
    """Starts one part again and returns when it answers."""
    run = RunDir(run_dir.resolve())
    Supervisor(run).start([name])
    questions = Parts.of(run, Ports(port_base)).questions([name])
    run_async(wait_until_ready(run, questions, _SECONDS_TO_START))
