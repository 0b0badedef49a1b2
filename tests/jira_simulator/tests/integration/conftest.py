"""Real simulators as processes, one of each personality for the whole run."""

from collections.abc import Iterator

import pytest

from jira_simulator.testing import RunningSimulator, running_simulator


@pytest.fixture(scope="session")
def cloud_process() -> Iterator[RunningSimulator]:
    with running_simulator("cloud", issues=120, webhook_retry_ms="20,40") as running:
        yield running


@pytest.fixture(scope="session")
def datacenter_process() -> Iterator[RunningSimulator]:
    with running_simulator("datacenter", issues=120, webhook_retry_ms="20,40") as running:
        yield running


@pytest.fixture(params=["cloud", "datacenter"])
def running(request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    found: RunningSimulator = request.getfixturevalue(f"{request.param}_process")
    yield found
    found.end_faults()
