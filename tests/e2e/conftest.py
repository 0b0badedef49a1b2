"""The running system for journeys; `make test` starts it, and `make up` does for a run by hand."""

from collections.abc import Iterator

import pytest
from common.testing.system import System


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    running = System.running()
    yield running
    running.client.close()


@pytest.fixture(params=["cloud", "datacenter"])
def personality(request: pytest.FixtureRequest) -> str:
    return str(request.param)
