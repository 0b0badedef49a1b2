"""A running jira-sync on real parts, and simulators of both personalities."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.ids import TenantId
from common.settings import KafkaSettings
from common.testing.databases import TestDatabase
from jira_simulator.testing import RunningSimulator, running_simulator

sys.path.insert(0, str(Path(__file__).parent))
from sync_node import Node, new_tenant, running_node

PERSONALITIES = ("cloud", "datacenter")


@pytest.fixture
async def node(test_database: TestDatabase, kafka_settings: KafkaSettings) -> AsyncIterator[Node]:
    async with running_node(test_database, kafka_settings) as running:
        yield running


@pytest.fixture
def tenant() -> TenantId:
    return new_tenant()


@pytest.fixture(params=PERSONALITIES)
def simulator(request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    with running_simulator(request.param, issues=60, seed=7) as running:
        yield running


@pytest.fixture
def cloud() -> Iterator[RunningSimulator]:
    with running_simulator("cloud", issues=60, seed=7) as running:
        yield running


@pytest.fixture
def datacenter() -> Iterator[RunningSimulator]:
    with running_simulator("datacenter", issues=60, seed=7) as running:
        yield running
