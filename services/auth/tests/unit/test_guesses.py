"""Guesses of secrets are counted under the same name by which they are asked for."""

import pytest
from pydantic import SecretStr

from auth.domain.errors import TooManyTries
from auth.outbound.throttle import Throttle
from auth.settings import SignInSettings
from common.settings import RedisSettings


@pytest.fixture
def throttle() -> Throttle:
    """Counts in this process, as if Redis were away."""
    made = Throttle(RedisSettings(url=SecretStr("redis://127.0.0.1:1")), SignInSettings(tries_per_address=3))
    made._redis_away_until = float("inf")
    return made


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8:1:2::7"])
async def test_an_address_that_guessed_too_often_has_to_wait(throttle: Throttle, address: str) -> None:
    for _ in range(3):
        await throttle.check_address(address)
        await throttle.failed_guess(address)
    with pytest.raises(TooManyTries):
        await throttle.check_address(address)


async def test_guesses_from_one_network_count_together(throttle: Throttle) -> None:
    for last in range(3):
        await throttle.failed_guess(f"2001:db8:1:2::{last}")
    with pytest.raises(TooManyTries):
        await throttle.check_address("2001:db8:1:2::ffff")
    await throttle.check_address("2001:db8:1:3::1")
