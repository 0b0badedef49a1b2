import json

import pytest

from stack.benching import figures
from stack.testing import RUNS, Suite, _faults_in_report

REPORT = '<testsuites><testsuite name="pytest" tests="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("tests", "skipped", "faults"),
    [(3, 0, []), (3, 1, ["unit: 1 tests were skipped"]), (0, 0, ["unit: no test ran"])],
)
def test_a_run_that_skips_or_runs_nothing_is_red(tmp_path, tests, skipped, faults):
    report = tmp_path / "unit.xml"
    report.write_text(REPORT.format(tests, skipped))
    assert _faults_in_report(Suite("unit", "tests/unit"), report) == faults


def test_unit_and_integration_suites_find_the_folders_of_every_package():
    unit, integration, _ = RUNS["test"]
    assert "tools/stack/tests/unit" in unit.folders()
    assert "tools/stack/tests/integration" in integration.folders()


def test_benchmark_ratios_are_found_wherever_they_lie():
    report = json.loads('{"ratio": 1.5, "list": {"ratio_p50": 2, "ms": 7}, "ratios": {"detail": 3}, "ratio_ok": true}')
    assert figures(report) == [("ratio", 1.5), ("list.ratio_p50", 2.0), ("ratios.detail", 3.0)]
