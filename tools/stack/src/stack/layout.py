"""Takes the place of a run directory; gives the path of everything that a running stack keeps there."""

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
RUN_DIR_VARIABLE = "JIRA_EXPORT_RUN_DIR"
# A Unix socket's address has 108 bytes on Linux; supervisord appends a pid while it makes the socket.
_LONGEST_SOCKET_PATH = 90
# It outlives a reboot, as data should; each folder in it carries our user and is checked to be ours.
_SHARED_PLACE = Path("/var/tmp")  # noqa: S108


@dataclass(frozen=True)
class RunDir:
    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        return self.root / "pids"

    @property
    def services(self) -> Path:
        return self.root / "services"

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def env(self) -> Path:
        return self.root / "env"

    @property
    def state(self) -> Path:
        return self.root / "stack.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def key(self) -> str:
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def outside(self) -> Path:
        """A folder of this run directory's own under /var/tmp, for what cannot live inside the checkout."""
        return _SHARED_PLACE / f"jira-export-{os.getuid()}-{self.key}"

    @property
    def supervisor_socket(self) -> Path:
        inside = self.config / "supervisor.sock"
        return inside if len(str(inside)) <= _LONGEST_SOCKET_PATH else self.outside / "supervisor.sock"

    def make_folders(self) -> None:
        for folder in (self.root, self.data, self.logs, self.pids, self.services, self.config):
            folder.mkdir(parents=True, exist_ok=True)
        self.services.chmod(0o700)
        if self.supervisor_socket.parent == self.outside:
            self.make_outside()

    def make_outside(self) -> None:
        """Makes the folder beside the checkout, and clears away those of run directories that are gone."""
        for owner in _SHARED_PLACE.glob(f"jira-export-{os.getuid()}-*/owner"):
            if owner.stat().st_uid == os.getuid() and not Path(owner.read_text()).exists():
                shutil.rmtree(owner.parent, ignore_errors=True)
        make_own_folder(self.outside)
        (self.outside / "owner").write_text(str(self.root))


def run_dir_from_environment() -> RunDir:
    given = os.environ.get(RUN_DIR_VARIABLE)
    path = Path(given) if given else CHECKOUT / ".run"
    return RunDir(path if path.is_absolute() else CHECKOUT / path)


def make_own_folder(path: Path) -> None:
    """Makes a folder in a shared place and refuses one that somebody else has put there."""
    path.mkdir(mode=0o755, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        message = f"{path} exists and belongs to another user: remove it and try again"
        raise PermissionError(message)


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step; only its owner can ever read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def python() -> str:
    """The interpreter of the environment that runs this program: services share it."""
    return sys.executable
