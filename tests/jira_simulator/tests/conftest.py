"""Simulators in the test's own process, one of each personality or both in turn."""

from collections.abc import AsyncIterator

import pytest

from jira_simulator.in_process import Bench, bench
from jira_simulator.model.records import Personality


@pytest.fixture
async def cloud() -> AsyncIterator[Bench]:
    async with bench(Personality.CLOUD) as made:
        yield made


@pytest.fixture
async def datacenter() -> AsyncIterator[Bench]:
    async with bench(Personality.DATACENTER) as made:
        yield made


@pytest.fixture(params=list(Personality))
def personality(request: pytest.FixtureRequest) -> Personality:
    chosen: Personality = request.param
    return chosen


@pytest.fixture
async def either(personality: Personality) -> AsyncIterator[Bench]:
    async with bench(personality) as made:
        yield made
