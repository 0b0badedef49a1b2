"""Takes a run directory and PORT_BASE; gives running Postgres, Redis, Kafka and S3, and how to reach them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from stack.errors import StackError
from stack.layout import RunDir
from stack.part.kafka import Kafka
from stack.part.object_storage import ObjectStorage
from stack.part.postgres import Postgres
from stack.part.redis import Redis
from stack.plan.secret_store import load_secrets
from stack.ports import Ports, first_free_base
from stack.process.programs import Program
from stack.process.readiness import Question, run_async, wait_until_ready
from stack.process.running import PART_NAMES, Wanted, running_options, shut_down, start_supervisor
from stack.process.supervision import Supervisor

S3_REGION = "us-east-1"
_FIRST_BASE_OF_TESTS = 21000
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
    port_base: int | None = None,
    *,
    durable: bool = False,
    said: Callable[[str, float], None] = lambda _name, _took: None,
) -> PartsEnv:
    """Starts the parts alone, once, however many processes ask; without `durable` nothing is forced to the disk.

    Without `port_base` it keeps the ports of the parts that run there already, or looks for free ones.
    """
    run = RunDir(run_dir.resolve())
    run.make_folders()
    with FileLock(run.lock):
        base = port_base or _running_base(run) or first_free_base(_FIRST_BASE_OF_TESTS)
        parts = Parts.of(run, Ports(base), durable=durable)
        start_supervisor(run, Wanted(base, PART_NAMES, {"durable": str(durable)}), parts.prepare)
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


def start_part(run_dir: Path, name: str) -> None:
    """Starts one part again and returns when it answers."""
    run = RunDir(run_dir.resolve())
    Supervisor(run).start([name])
    wait_for_part(run_dir, name)


def wait_for_part(run_dir: Path, name: str) -> None:
    """Returns when the part answers, for instance after it was killed and its supervisor has started it again."""
    run = RunDir(run_dir.resolve())
    base = _running_base(run)
    if base is None:
        message = f"no parts run in {run.root}"
        raise StackError(message)
    run_async(wait_until_ready(run, Parts.of(run, Ports(base)).questions([name]), _SECONDS_TO_START))


def part_pid(run_dir: Path, name: str) -> int:
    """The process id of a part, for a signal that no supervisor knows of."""
    return int((RunDir(run_dir.resolve()).pids / name).read_text())


def _running_base(run: RunDir) -> int | None:
    base = running_options(run).get("PORT_BASE")
    return int(base) if base else None
