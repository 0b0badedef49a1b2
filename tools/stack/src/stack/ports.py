"""Takes PORT_BASE; gives every port of the stack, and names the owner of one that is taken."""

import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from stack.errors import StackError

DEFAULT_BASE = 8000
_HIGHEST_OFFSET = 50


@dataclass(frozen=True)
class Ports:
    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= 65535 - _HIGHEST_OFFSET:
            message = f"PORT_BASE={self.base} is out of range: take one from 1024 to {65535 - _HIGHEST_OFFSET}"
            raise StackError(message)

    def service(self, name: str) -> int:
        return self.base + SERVICE_OFFSETS[name]

    def metrics(self, name: str) -> int:
        return self.service(name) + 10

    def simulator(self, personality: str) -> int:
        return self.base + {"cloud": 20, "datacenter": 22}[personality]

    @property
    def postgres(self) -> int:
        return self.base + 32

    @property
    def redis(self) -> int:
        return self.base + 33

    @property
    def kafka(self) -> int:
        return self.base + 34

    @property
    def kafka_controller(self) -> int:
        return self.base + 35

    @property
    def s3(self) -> int:
        return self.base + 36

    @property
    def object_storage(self) -> dict[str, int]:
        """Each of SeaweedFS's listeners, its gRPC twins included: their default is +10000, another checkout's range."""
        names = ("s3", "master", "volume", "filer", "admin")
        return {name: self.s3 + n for n, name in enumerate(names)} | {
            f"{name}.grpc": self.s3 + 5 + n for n, name in enumerate(names)
        }


SERVICE_OFFSETS = {"api-gateway": 0, "auth": 1, "jira-sync": 2, "export-worker": 3, "notifier": 4}


def first_free_base(start: int) -> int:
    """The first base from there on whose ports are all free: for tests of several checkouts side by side."""
    for base in range(start, 65535 - _HIGHEST_OFFSET, 100):
        if all(is_free(port) for port in range(base, base + _HIGHEST_OFFSET)):
            return base
    message = f"no {_HIGHEST_OFFSET} free ports in a row above {start}"
    raise StackError(message)


@dataclass(frozen=True)
class Owner:
    pid: int | None
    command: str

    def __str__(self) -> str:
        return f"pid {self.pid} ({self.command})" if self.pid else self.command


def is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")):  # noqa: S104 - asks, never listens
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as err:
                if err.errno in {errno.EADDRINUSE, errno.EACCES}:
                    return False
                raise
    return True


def find_owner(port: int) -> Owner:
    unknown = Owner(None, "a process of another user")
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return unknown
    pids = [c.pid for c in connections if c.laddr and c.laddr.port == port and c.status == psutil.CONN_LISTEN and c.pid]
    if not pids:
        return unknown
    try:
        return Owner(pids[0], " ".join(psutil.Process(pids[0]).cmdline())[:120])
    except psutil.Error:
        return Owner(pids[0], "ended meanwhile")


def refuse_busy_ports(wanted: Iterable[tuple[str, int]], base: int) -> None:
    """Raises one message that names every taken port with its owner; nothing has been started yet."""
    busy = [f"  port {port} ({name}) is used by {find_owner(port)}" for name, port in wanted if not is_free(port)]
    if busy:
        other = base + 1000 if base + 1000 + _HIGHEST_OFFSET <= 65535 else base - 1000
        message = "\n".join(
            [
                "Nothing was started, because ports are taken:",
                *busy,
                f"Stop them or move all ports: make up PORT_BASE={other}",
            ]
        )
        raise StackError(message)
