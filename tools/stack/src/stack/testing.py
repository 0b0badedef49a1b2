"""Takes the name of a run (test, chaos, soak); runs pytest suite by suite, reports coverage, and is red when one is."""

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from stack.errors import StackError
from stack.layout import CHECKOUT, RUN_DIR_VARIABLE, RunDir, python, run_dir_from_environment
from stack.parts import stop_parts
from stack.ports import first_free_base

FLOOR = 90.0
# Lines of these folders are covered to the floor, each group for itself; a group without files is not there yet.
FLOOR_GROUPS = {
    "domain": "services/*/src/*/domain/*",
    "usecases": "services/*/src/*/usecases/*",
    "markup": "libs/common/src/common/markup/*",
    "jql": "libs/common/src/common/jql/*",
}
_COVERAGE_CONFIG = """\
[run]
relative_files = true
# SQLAlchemy's asyncio runs its core in greenlets: without them its callers look untested.
concurrency = thread,greenlet
[report]
exclude_also =
    if TYPE_CHECKING:
    raise NotImplementedError
    ^ *\\.\\.\\.$
"""


@dataclass(frozen=True)
class Suite:
    name: str
    pattern: str
    words: tuple[str, ...] = ()
    covered: bool = True
    whole_system: bool = False

    def folders(self) -> list[str]:
        roots = ("libs/*", "services/*", "tools/*", "tests/jira_simulator")
        patterns = [f"{root}/{self.pattern}" for root in roots] if "/" in self.pattern else []
        found = [path for pattern in patterns or [self.pattern] for path in CHECKOUT.glob(pattern)]
        return sorted(str(path.relative_to(CHECKOUT)) for path in found)


RUNS = {
    "test": (
        Suite("unit", "tests/unit", ("-n", "2")),
        # By file, because xdist 3.8 quietly ignores its own groups under pytest 9.2, and modules share their topics.
        Suite("integration", "tests/integration", ("-n", "2", "--dist", "loadfile")),
        Suite("e2e", "e2e", ("--timeout=300",), covered=False, whole_system=True),
    ),
    "chaos": (Suite("chaos", "chaos", ("--timeout=3600",), covered=False, whole_system=True),),
    "schema-fuzz": (Suite("schema", "e2e/schema", ("--timeout=7200",), covered=False, whole_system=True),),
    "soak": (Suite("soak", "soak", ("--timeout=7200",), covered=False, whole_system=True),),
}


def sources() -> list[str]:
    found = [path for pattern in ("libs/*/src", "services/*/src") for path in CHECKOUT.glob(pattern)]
    return sorted(str(path.relative_to(CHECKOUT)) for path in found)


def run_suite(suite: Suite, run: RunDir, reports: Path) -> list[str]:
    """The reasons why this suite is red; none when it is green."""
    folders = suite.folders() if suite.name in {"unit", "integration"} else _tests_folder(suite)
    if not folders:
        return [f"{suite.name}: there is no folder of such tests"]
    report = reports / f"{suite.name}.xml"
    report.unlink(missing_ok=True)
    words = [python(), "-m", "pytest", *folders, *suite.words, f"--junitxml={report}"]
    if suite.covered:
        sourced = [f"--cov={source}" for source in sources()]
        words += [*sourced, "--cov-append", "--cov-report=", f"--cov-config={reports / 'coveragerc'}"]
    env = os.environ | {"COVERAGE_FILE": str(reports / ".coverage"), "JIRA_EXPORT_TEST_RUN": str(run.root)}
    print(f"== {suite.name}: {' '.join(folders)}", flush=True)
    start = time.monotonic()
    if suite.whole_system:
        done = _with_whole_system(words, env, run)
    else:
        done = subprocess.run(words, cwd=CHECKOUT, env=env, check=False).returncode
    print(f"== {suite.name}: exit {done} after {time.monotonic() - start:.0f} s", flush=True)
    return [f"{suite.name}: pytest ended with {done}"] if done else _faults_in_report(suite, report)


def _tests_folder(suite: Suite) -> list[str]:
    return [f"tests/{suite.pattern}"] if (CHECKOUT / "tests" / suite.pattern).is_dir() else []


def _with_whole_system(words: Sequence[str], env: dict[str, str], run: RunDir) -> int:
    """Runs pytest beside a system of its own: another run directory, other ports, and nothing of an earlier run.

    The simulators forget with each start; a mirror that remembered would know of issues that Jira never had.
    """
    own = env | {RUN_DIR_VARIABLE: str(run.root / "system"), "PORT_BASE": str(first_free_base(23000))}
    shutil.rmtree(run.root / "system", ignore_errors=True)
    for name in ("SIM", "STACK", "ISSUES", "SEED", "ISSUES_FROM", "FIXTURE", "LATENCY_MS"):
        own.pop(name, None)
    own["STACK"] = "native"
    stack = [python(), "-m", "stack"]
    up = subprocess.run([*stack, "up"], cwd=CHECKOUT, env=own, check=False).returncode
    try:
        return up or subprocess.run(words, cwd=CHECKOUT, env=own, check=False).returncode
    finally:
        subprocess.run([*stack, "down"], cwd=CHECKOUT, env=own, check=False)


def _faults_in_report(suite: Suite, report: Path) -> list[str]:
    """A run that skipped or ran nothing proves nothing."""
    totals = {"tests": 0, "skipped": 0}
    for element in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own report
        totals = {name: totals[name] + int(element.get(name, 0)) for name in totals}
    faults = [f"{suite.name}: {totals['skipped']} tests were skipped"] if totals["skipped"] else []
    return faults if totals["tests"] else [f"{suite.name}: no test ran"]


def coverage_faults(reports: Path) -> list[str]:
    """Prints the coverage of each group and gives those below the floor."""
    env = os.environ | {"COVERAGE_FILE": str(reports / ".coverage")}
    words = [python(), "-m", "coverage"]
    config = f"--rcfile={reports / 'coveragerc'}"
    for kind, target in (("json", "coverage.json"), ("xml", "coverage.xml")):
        command = [*words, kind, config, "--ignore-errors", "-q", "-o", str(reports / target)]
        subprocess.run(command, cwd=CHECKOUT, env=env, check=True)
    files = json.loads((reports / "coverage.json").read_text())["files"]
    faults = []
    for group, pattern in {**FLOOR_GROUPS, "everything": "*"}.items():
        summaries = [entry["summary"] for name, entry in files.items() if fnmatch(name, pattern)]
        lines = sum(summary["num_statements"] for summary in summaries)
        if not lines:
            continue
        percent = 100 * sum(summary["covered_lines"] for summary in summaries) / lines
        print(f"coverage of {group:<12} {percent:5.1f} % of {lines} lines")
        if group in FLOOR_GROUPS and percent < FLOOR:
            faults.append(f"coverage of {group} is {percent:.1f} %, below {FLOOR:.0f} %")
    return faults


def main(arguments: Sequence[str]) -> int:
    name = arguments[0] if arguments else "test"
    only = arguments[1:]
    outer = run_dir_from_environment()
    reports = outer.root / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "coveragerc").write_text(_COVERAGE_CONFIG)
    (reports / ".coverage").unlink(missing_ok=True)
    run = RunDir(outer.root / "test")
    faults: list[str] = []
    suites = [suite for suite in RUNS[name] if not only or suite.name in only]
    try:
        for suite in suites:
            faults += run_suite(suite, run, reports)
        if any(suite.covered for suite in suites):
            faults += coverage_faults(reports)
    except StackError as err:
        faults.append(str(err))
    finally:
        stop_parts(run.root / "parts")
    for fault in faults:
        print(f"RED  {fault}")
    print(f"make {name}: {'red' if faults else 'green'}; reports in {reports}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
