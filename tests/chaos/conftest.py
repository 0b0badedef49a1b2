"""One storm for all tests: a seeded run of bad days over a living system, then silence."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.testing.system import System

sys.path.insert(0, str(Path(__file__).parent))

from storm import Storm


def pytest_configure(config: pytest.Config) -> None:
    """The stock WebSocket client leaves the transport of a node that was killed to the garbage collector."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    running = System.running()
    yield running
    running.client.close()


@pytest.fixture(scope="session")
def storm(system: System) -> Storm:
    """`CHAOS_SEED` repeats a run, `CHAOS_ROUNDS` makes it longer or shorter (forty take about eight minutes)."""
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    raging = Storm(system, seed, int(os.environ.get("CHAOS_ROUNDS", "40")))
    raging.rage()
    return raging


@pytest.fixture(params=["cloud", "datacenter"])
def personality(request: pytest.FixtureRequest) -> str:
    return str(request.param)
