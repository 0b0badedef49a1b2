"""The running system for journeys; `make test` starts it, and `make up` does for a run by hand."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.testing.system import System

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    running = System.running()
    yield running
    running.client.close()


@pytest.fixture(params=["cloud", "datacenter"])
def personality(request: pytest.FixtureRequest) -> str:
    return str(request.param)
