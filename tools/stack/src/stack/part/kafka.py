"""Takes a run directory and ports; gives a one-node Apache Kafka as a program, and says when it serves metadata."""

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from filelock import FileLock

from stack.errors import StackError
from stack.layout import CHECKOUT, RunDir, write_private
from stack.process.programs import Program

RECIPE = CHECKOUT / "tools" / "stack" / "kafka"
OLDEST_JAVA = 17
_ARCHIVE_IS_WRITTEN_SECONDS = 5


@dataclass(frozen=True)
class Kafka:
    run: RunDir
    port: int
    controller_port: int
    heap_mb: int = 384

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> Program:
        java, jars = _find_java(), fetch_jars()
        properties = self.run.config / "kafka.properties"
        write_private(properties, self._properties())
        data = self.run.data / "kafka"
        if not (data / "meta.properties").exists():
            _format(java, jars, properties)
        return Program(
            name="kafka",
            kind="part",
            command=[*self._java_command(java, jars), "kafka.Kafka", str(properties)],
            stop_seconds=30,
            ports=(("Kafka", self.port), ("Kafka controller", self.controller_port)),
        )

    def _java_command(self, java: str, jars: Path) -> list[str]:
        return [
            java,
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *_class_archive_options(java, jars, self.port),
            f"-Dlog4j2.configurationFile={RECIPE / 'log4j2.properties'}",
            *("-cp", _class_path(jars)),
        ]

    def _properties(self) -> str:
        values = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.run.data / "kafka"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # With the defaults a broker that was killed needs 12 s to be let in again.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "500",
            "log.segment.bytes": "67108864",
            "log.cleaner.dedupe.buffer.size": "33554432",
        }
        return "".join(f"{name}={value}\n" for name, value in values.items())

    async def ask(self) -> str | None:
        """None when the metadata lists a broker, otherwise why not; an open port alone says little."""
        # A look at the port first: the client writes a log line for each refused connection.
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
        except OSError as err:
            return str(err)
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=2000)
        try:
            await client.start()
            described = await client.describe_cluster()
        except (KafkaError, OSError) as err:
            return str(err)
        finally:
            await client.close()
        return None if described["brokers"] else "the metadata lists no broker"


def _find_java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        message = f"Kafka needs Java {OLDEST_JAVA} or newer, and there is no java: apt-get install default-jre-headless"
        raise StackError(message)
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        message = f"Kafka needs Java {OLDEST_JAVA} or newer; {java} says {told.splitlines()[:1]}"
        raise StackError(message)
    return java


def cache_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = hashlib.sha256((RECIPE / "pom.xml").read_bytes()).hexdigest()[:12]
    try:
        folder = base / "jira-export"
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        folder = CHECKOUT / ".run" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"kafka-{recipe}"


def fetch_jars() -> Path:
    """The folder with the broker's jars, fetched by Maven once and shared by every checkout of the same recipe."""
    folder = cache_folder()
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return folder
        maven = shutil.which("mvn")
        if maven is None:
            message = "Kafka's jars are fetched by Maven, and there is no mvn: apt-get install maven"
            raise StackError(message)
        with tempfile.TemporaryDirectory(dir=folder.parent) as new:
            done = subprocess.run(
                [
                    *(maven, "-q", "-B", "-f", str(RECIPE / "pom.xml"), "dependency:copy-dependencies"),
                    *("-DincludeScope=runtime", f"-DoutputDirectory={new}/jars"),
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                message = f"Maven could not fetch Kafka: {(done.stdout + done.stderr).strip()[-800:]}"
                raise StackError(message)
            Path(new, "jars").rename(folder)
    return folder


def _class_path(jars: Path) -> str:
    return ":".join(str(jar) for jar in sorted(jars.glob("*.jar")))


def _class_archive_options(java: str, jars: Path, port: int) -> list[str]:
    """A class archive halves the start: the first broker that stops in order leaves it, the next ones use it."""
    version = hashlib.sha256(Path(java).resolve().as_posix().encode()).hexdigest()[:8]
    archive = jars / f"classes-{version}.jsa"
    quiet = ["-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
    if not archive.exists():
        _adopt_archive(jars, version, archive)
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", *quiet]
    return [f"-XX:ArchiveClassesAtExit={jars / f'classes-{version}-{port}.new'}", *quiet]


def _adopt_archive(jars: Path, version: str, archive: Path) -> None:
    """Takes what a stopped broker has left, unless that broker may still be writing it."""
    for left in jars.glob(f"classes-{version}-*.new"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ARCHIVE_IS_WRITTEN_SECONDS:
                left.rename(archive)
                return


def _format(java: str, jars: Path, properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    done = subprocess.run(
        [
            *(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", _class_path(jars)),
            *("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"Kafka's storage could not be formatted: {(done.stdout + done.stderr).strip()[-800:]}"
        raise StackError(message)
