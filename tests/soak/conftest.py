"""The running system that is kept busy; `make soak` starts it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.testing.system import System

sys.path.insert(0, str(Path(__file__).parent))


def pytest_configure(config: pytest.Config) -> None:
    """The stock WebSocket client and the threads of the load leave sockets to the garbage collector."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    running = System.running()
    yield running
    running.client.close()
