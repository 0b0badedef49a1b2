"""Runs every check that needs no running part; prints what failed with its output, and is red when one is."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stack.layout import CHECKOUT, python


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]


def source_folders() -> list[str]:
    patterns = ("libs/*/src", "services/*/src", "tools/*/src", "tests/jira_simulator/src")
    return sorted(str(p.relative_to(CHECKOUT)) for pattern in patterns for p in CHECKOUT.glob(pattern))


def checks() -> list[Check]:
    tools = Path(python()).parent
    return [
        Check("types", [python(), "-m", "mypy", *source_folders()]),
        Check("lint", [str(tools / "ruff"), "check", "."]),
        Check("format", [str(tools / "ruff"), "format", "--check", "."]),
        Check("import rules", [str(tools / "lint-imports")]),
        Check("own lints and generated docs", [python(), "-m", "lints"]),
        Check("lock file in step", [python(), "-m", "stack.locking", "--check"]),
    ]


def _run(check: Check) -> tuple[Check, int, str, float]:
    start = time.monotonic()
    env = os.environ | {"MYPYPATH": ":".join(str(CHECKOUT / folder) for folder in source_folders())}
    done = subprocess.run(
        check.command,
        cwd=CHECKOUT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout, time.monotonic() - start


def main() -> int:
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for check, code, output, took in pool.map(_run, checks()):
            print(f"{'ok ' if code == 0 else 'RED'}  {check.name:<32} {took:5.1f} s", flush=True)
            if code:
                failed.append(check.name)
                print(output)
    print(f"make check: red: {', '.join(failed)}" if failed else "make check: green")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
