"""Sign-ins per second against bare argon2 on the same cores, and what `GET /me` feels while sign-ins flood.

Starts auth alone on the parts of the tests. The baseline is the same hash, checked in as many threads as auth has.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import uvloop
from argon2 import PasswordHasher
from gateway_read import RUN, database, start, until_up

from common.messaging.kafka import ensure_topics
from common.settings import KafkaSettings
from common.testing.databases import crypto_settings
from stack.parts import PartsEnv, start_parts

SECONDS = float(os.environ.get("SECONDS_EACH", "6"))
AUTH, INTERNAL = 18275, 18276
THREADS = max(1, (os.cpu_count() or 1) - 1)
AT_ONCE = 4 * THREADS
OWNER = {"email": "owner@example.com", "password": "owner-password-123"}


def environment(parts: PartsEnv, dsn: str) -> dict[str, str]:
    """What auth is told; its throttle would otherwise end the flood."""
    crypto = crypto_settings()
    keys = {name: key.get_secret_value() for name, key in crypto.master_keys.items()}
    return {
        **os.environ,
        "POSTGRES__DSN": dsn,
        "KAFKA__BOOTSTRAP": parts.kafka_bootstrap,
        "KAFKA__TOPIC_PREFIX": "bench.",
        "REDIS__URL": parts.redis_url,
        "HTTP__PORT": str(AUTH),
        "HTTP__INTERNAL_PORT": str(INTERNAL),
        "TOKENS__JWKS_URL": f"http://127.0.0.1:{AUTH}/.well-known/jwks.json",
        "INTERNAL__SECRET": "s" * 40,
        "CRYPTO__MASTER_KEYS": json.dumps(keys),
        "CRYPTO__ACTIVE_KEY": crypto.active_key,
        "SIGN_IN__HASHING_THREADS": str(THREADS),
        "SIGN_IN__TRIES_PER_ACCOUNT": "1000000",
        "SIGN_IN__TRIES_PER_ADDRESS": "1000000",
        "SIGN_IN__TRIES_ANYWHERE": "1000000",
        "LOG__LEVEL": "warning",
    }


def bare_rate(seconds: float) -> float:
    """Checks of a password per second and nothing else."""
    hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
    stored = hasher.hash(OWNER["password"])
    end = time.perf_counter() + seconds

    def check() -> int:
        done = 0
        while time.perf_counter() < end:
            hasher.verify(stored, OWNER["password"])
            done += 1
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        done = sum(pool.map(lambda _: check(), range(THREADS)))
    return done / (time.perf_counter() - started)


async def login(client: httpx.AsyncClient) -> dict[str, Any]:
    """One sign-in; 503 is the bounded waiting line and counts as none."""
    answer = await client.post("/api/v1/auth/login", json=OWNER)
    answer.raise_for_status()
    signed: dict[str, Any] = answer.json()
    return signed


async def flood(client: httpx.AsyncClient, seconds: float) -> float:
    """Sign-ins per second with more at once than there are threads."""
    done, end = 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await login(client)
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return done / (time.perf_counter() - started)


async def look(client: httpx.AsyncClient, token: str, seconds: float) -> list[float]:
    """How long `GET /me` takes, in milliseconds, asked twenty times a second."""
    took, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        took.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.05)
    return took


def percentile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


async def measure() -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{AUTH}", timeout=60, trust_env=False) as client:
        token = (await login(client))["access_token"]
        await flood(client, 1)
        bare = await asyncio.to_thread(bare_rate, SECONDS)
        alone = await look(client, token, SECONDS)
        flooding = asyncio.create_task(flood(client, SECONDS))
        while_flooded = await look(client, token, SECONDS)
        rate = await flooding
    return {
        "threads": THREADS,
        "bare_argon2_per_second": round(bare, 1),
        "logins_per_second": round(rate, 1),
        "login_ratio": round(rate / bare, 3),
        "me_ms": {
            "p50_alone": round(percentile(alone, 0.5), 1),
            "p99_alone": round(percentile(alone, 0.99), 1),
            "p50_flooded": round(percentile(while_flooded, 0.5), 1),
            "p99_flooded": round(percentile(while_flooded, 0.99), 1),
        },
        "me_p99_ratio": round(percentile(alone, 0.99) / percentile(while_flooded, 0.99), 3),
    }


async def main() -> None:
    """Starts auth, measures, writes the report."""
    parts = await asyncio.to_thread(start_parts, RUN / "test" / "parts")
    await ensure_topics(KafkaSettings(bootstrap=parts.kafka_bootstrap, topic_prefix="bench."))
    async with database(parts) as test_database:
        server = start([sys.executable, "-m", "auth"], environment(parts, test_database.dsn("auth")))
        try:
            await until_up(AUTH, "/.well-known/jwks.json")
            report = await measure()
        finally:
            server.terminate()
            server.wait(20)
    (RUN / "bench").mkdir(parents=True, exist_ok=True)
    (RUN / "bench" / "logins.json").write_text(json.dumps(report, indent=2) + "\n")
    times = report["me_ms"]
    print(
        f"logins {report['logins_per_second']:.1f}/s, bare argon2 {report['bare_argon2_per_second']:.1f}/s "
        f"in {THREADS} threads: ratio {report['login_ratio']:.2f}"
    )
    print(
        f"GET /me p99 {times['p99_alone']} ms alone, {times['p99_flooded']} ms flooded "
        f"(p50 {times['p50_alone']} and {times['p50_flooded']} ms)"
    )


if __name__ == "__main__":
    uvloop.run(main())
