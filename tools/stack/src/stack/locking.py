"""Takes the pyproject files; writes requirements.lock from them, or with --check says where the lock is out of step."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stack.layout import CHECKOUT

LOCK = CHECKOUT / "requirements.lock"
_OUR_PREFIX = "jira-export-"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def requirements() -> list[str]:
    """What all packages of the workspace need from outside, with the tools of the root's dev group."""
    patterns = ("pyproject.toml", "libs/*/pyproject.toml", "services/*/pyproject.toml", "tools/*/pyproject.toml")
    files = [path for pattern in (*patterns, "tests/*/pyproject.toml") for path in sorted(CHECKOUT.glob(pattern))]
    found: set[str] = set()
    for file in files:
        content = tomllib.loads(file.read_text())
        found |= {*content["project"].get("dependencies", []), *content.get("build-system", {}).get("requires", [])}
        for group in content.get("dependency-groups", {}).values():
            found |= set(group)
    return sorted(name for name in found if not canonicalize_name(Requirement(name).name).startswith(_OUR_PREFIX))


def out_of_step(wanted: Sequence[str], lock: str) -> list[str]:
    """One sentence for each requirement that the lock does not meet, for each pin without hashes."""
    pins = {canonicalize_name(name): version for name, version in _PINNED.findall(lock)}
    faults = []
    for text in wanted:
        requirement = Requirement(text)
        version = pins.get(canonicalize_name(requirement.name))
        if version is None:
            faults.append(f"{text}: not in the lock")
        elif not requirement.specifier.contains(version, prereleases=True):
            faults.append(f"{text}: the lock has {version}")
    blocks = [block for block in re.split(r"\n(?=[A-Za-z0-9])", lock) if "==" in block.split("\n")[0]]
    faults += [f"{block.split()[0]}: no hash in the lock" for block in blocks if "--hash=sha256:" not in block]
    if "--index-url" in lock or "://" in lock:
        faults.append("the lock names an address")
    return faults


def compile_lock() -> int:
    command = [
        *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "-q", "-", "-o", str(LOCK)),
    ]
    return subprocess.run(command, input="\n".join(requirements()), text=True, cwd=CHECKOUT, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    if "--check" not in arguments:
        return compile_lock()
    faults = out_of_step(requirements(), LOCK.read_text())
    for fault in faults:
        print(fault)
    if faults:
        print("Write it anew with: make lock")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
