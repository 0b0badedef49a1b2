"""Takes the names of benchmarks; runs them one after another and prints their ratios as one table."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stack.layout import CHECKOUT, python, run_dir_from_environment

FOLDER = CHECKOUT / "benchmarks"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def figures(report: dict[str, object], prefix: str = "") -> list[tuple[str, float]]:
    """Every number of a report that is called a ratio, however deep it lies."""
    found: list[tuple[str, float]] = []
    for name, value in report.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            found += figures(value, f"{path}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and "ratio" in path:
            found.append((path, float(value)))
    return found


def _run(name: str) -> bool:
    return subprocess.run([python(), str(FOLDER / f"{name}.py")], cwd=CHECKOUT, check=False).returncode == 0


def main(arguments: Sequence[str]) -> int:
    wanted = list(arguments) or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"B={unknown[0]} is no benchmark: choose from {', '.join(names()) or '(none yet)'}", file=sys.stderr)
        return 1
    reports: Path = run_dir_from_environment().root / "bench"
    reports.mkdir(parents=True, exist_ok=True)
    failed = [name for name in wanted if not _run(name)]
    table = Table("benchmark", "ratio", "value")
    for name in wanted:
        report = reports / f"{name}.json"
        for path, value in figures(json.loads(report.read_text())) if report.exists() else []:
            table.add_row(name, path, f"{value:.2f}")
    Console().print(table)
    for name in failed:
        print(f"{name} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
