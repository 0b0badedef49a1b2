"""Parts that are away: sign-in goes on without Redis and Kafka, and says so in health."""

import asyncio
import time

import pytest
from pydantic import SecretStr

from auth.domain.errors import SignInBusy
from auth.outbound.passwords import Argon2Passwords
from common.settings import KafkaSettings, PostgresSettings, RedisSettings

NOWHERE = 18_249  # nobody listens there


@pytest.fixture
def away(request):
    return request.param


@pytest.fixture
def settings(settings, away):
    changes = {
        "redis": {"redis": RedisSettings(url=SecretStr(f"redis://127.0.0.1:{NOWHERE}/0"))},
        "kafka": {"kafka": KafkaSettings(bootstrap=f"127.0.0.1:{NOWHERE}")},
        "postgres": {"postgres": PostgresSettings(dsn=SecretStr(f"postgresql://je_auth:x@127.0.0.1:{NOWHERE}/x"))},
    }
    return settings.model_copy(update=changes[away])


@pytest.mark.parametrize("away", ["redis", "kafka"], indirect=True)
async def test_people_sign_in_and_out_while_a_part_is_away(auth, away):
    owner = await auth.owner()
    assert (await owner.refresh()).status_code == 200
    assert (await owner.call("POST", "/auth/logout")).status_code == 204
    ready = await auth.http.get("/health/ready")
    assert ready.status_code == 200
    if away == "redis":
        assert ready.json()["status"] == "degraded"


@pytest.mark.parametrize("away", ["redis"], indirect=True)
async def test_wrong_tries_are_counted_without_redis_too(auth):
    wrong = {**auth.owner_login, "password": "wrong wrong wrong"}
    statuses = [(await auth.http.post("/api/v1/auth/login", json=wrong)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize("away", ["postgres"], indirect=True)
async def test_without_the_database_the_answer_is_503_and_not_a_bug(auth):
    answer = await auth.http.post("/api/v1/auth/login", json=auth.owner_login)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert (await auth.http.get("/health/ready")).status_code == 503
    assert (await auth.http.get("/health/live")).status_code == 200


async def test_sign_ins_wait_in_a_bounded_line_and_let_others_through():
    passwords = Argon2Passwords(threads=1, queue=2)
    stored = await passwords.hash("correct horse battery")
    checks = [asyncio.create_task(passwords.check("wrong", stored)) for _ in range(8)]
    longest = 0.0
    while not all(check.done() for check in checks):
        started = time.monotonic()
        await asyncio.sleep(0)
        longest = max(longest, time.monotonic() - started)
    results = await asyncio.gather(*checks, return_exceptions=True)
    passwords.close()
    assert sum(isinstance(result, SignInBusy) for result in results) == 5
    assert [result.ok for result in results if not isinstance(result, Exception)] == [False] * 3
    assert longest < 0.5


async def test_nobody_and_somebody_without_password_cost_a_whole_check():
    passwords = Argon2Passwords(threads=1, queue=2)
    stored = await passwords.hash("correct horse battery")

    async def fastest(value):
        spans = []
        for _ in range(5):
            started = time.process_time()
            assert not (await passwords.check("wrong wrong wrong", value)).ok
            spans.append(time.process_time() - started)
        return min(spans)

    nobody, somebody = await fastest(None), await fastest(stored)
    passwords.close()
    assert 0.5 < nobody / somebody < 2
    assert not (await Argon2Passwords(threads=1, queue=1).check("nobody has this password", None)).ok
