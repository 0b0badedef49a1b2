"""The import contracts hold: a toy service with a door in its store, or a driver in its domain, breaks them."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


def contract_of(section: str) -> str:
    """The text of one contract of the project, for a toy package called `jira_sync`."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    lines = [f"{name} = {value}" for name, value in parser[section].items()]
    return f"[{section}]\n" + "\n".join(line.replace("\n", "\n    ") for line in lines)


def lint(tmp_path: Path, section: str, files: dict[str, str]) -> int:
    for layer in ("main", "bootstrap", "app"):
        files.setdefault(f"{layer}.py", "")
    for folder in ("inbound", "usecases", "store", "outbound", "domain"):
        files.setdefault(f"{folder}/__init__.py", "")
    for name, text in files.items():
        (tmp_path / "jira_sync" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "jira_sync" / name).write_text(text)
    (tmp_path / "jira_sync/__init__.py").write_text("")
    head = "[importlinter]\nroot_package = jira_sync\ninclude_external_packages = True\n"
    (tmp_path / "rules.ini").write_text(head + contract_of(section))
    command = [str(Path(sys.executable).parent / "lint-imports"), "--config", "rules.ini", "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": "."}, check=False)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode


LAYERS = "importlinter:contract:jira-sync"
DOMAIN = "importlinter:contract:jira-sync-domain"


@pytest.mark.parametrize(
    ("section", "files", "code"),
    [
        (LAYERS, {"usecases/do.py": "import jira_sync.store"}, 0),
        (LAYERS, {"store/rows.py": "import jira_sync.usecases"}, 1),
        (LAYERS, {"store/rows.py": "import jira_sync.outbound"}, 1),
        (LAYERS, {"domain/rule.py": "import jira_sync.app"}, 1),
        (DOMAIN, {"domain/rule.py": "import json"}, 0),
        (DOMAIN, {"domain/rule.py": "import sqlalchemy"}, 1),
    ],
)
def test_the_contract_lets_the_good_tree_pass_and_stops_the_bad_one(
    tmp_path: Path, section: str, files: dict[str, str], code: int
) -> None:
    assert lint(tmp_path, section, dict(files)) == code
