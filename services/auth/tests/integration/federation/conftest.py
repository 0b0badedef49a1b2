"""A provider that nobody here wrote, and an auth that may reach this machine."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from federation_steps import Door
from openid_provider import OpenIdProvider


@pytest.fixture(scope="session")
async def openid() -> AsyncIterator[OpenIdProvider]:
    async with OpenIdProvider() as provider:
        yield provider


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"allowed_inner_hosts": ["127.0.0.1"], "public_url": "http://auth.test"})


@pytest.fixture
def door(auth) -> Door:
    return Door(auth)
