"""A mirror of many issues goes in; what list and detail cost against a bare FastAPI + asyncpg handler comes out.

Starts its own servers on the parts of the tests (no `make up` needed). Gateway and baseline take turns, so that both
are measured in the same minute; the load comes from plain sockets, because a client library would be the bottleneck.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import psutil
import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Response
from pydantic import SecretStr

from common.bootstrap import GROUP
from common.db.roles import SERVICE_ROLES
from common.ids import new_id, public_id
from common.messaging.kafka import ensure_topics
from common.settings import KafkaSettings, S3Settings
from common.testing import databases
from common.testing.databases import TestDatabase
from common.testing.mirror import MirrorSeed
from common.web.tokens import SCOPES
from stack.parts import PartsEnv, start_parts

ROOT = Path(__file__).resolve().parents[1]
RUN = Path(os.environ.get("RUN_DIR", ROOT / ".run"))
ISSUES = int(os.environ.get("BENCH_ISSUES", "20000"))
SECONDS = float(os.environ.get("SECONDS_EACH", "4"))
ROUNDS = 3
CONNECTIONS = 16
GATEWAY, BARE, INTERNAL = 18270, 18271, 18272
#: Requests are counted as always, but nobody is refused.
WITHOUT_END = {
    f"LIMITS__{name}__{part}": "60000000"
    for name in ("TOKEN", "USER", "TENANT", "ADDRESS", "ADDRESS_SIGNED_IN")
    for part in ("PER_MINUTE", "BURST")
}


def serve_bare() -> None:
    """The baseline: one prepared statement, bytes out; no tenant rules, no tokens, no middleware."""
    app = FastAPI(openapi_url=None)
    tenant = uuid.UUID(os.environ["TENANT"])
    issue = uuid.UUID(os.environ["ISSUE"])
    state: dict[str, asyncpg.Pool] = {}

    @app.get("/jwks")
    async def jwks() -> Response:
        return Response(os.environ["JWKS"], media_type="application/json")

    @app.get("/list")
    async def rows() -> Response:
        sql = "SELECT card FROM jira.issues WHERE tenant_id = $1 ORDER BY updated DESC, issue_id LIMIT 50"
        found = await (await pool()).fetch(sql, tenant)
        return Response('{"items":[' + ",".join(row[0] for row in found) + "]}", media_type="application/json")

    @app.get("/detail")
    async def row() -> Response:
        sql = "SELECT card, detail FROM jira.issues WHERE tenant_id = $1 AND issue_id = $2"
        found = await (await pool()).fetchrow(sql, tenant, issue)
        body = f"[{found[0]},{found[1]}]" if found else ""
        return Response(body, media_type="application/json")

    async def pool() -> asyncpg.Pool:
        if "pool" not in state:
            state["pool"] = await asyncpg.create_pool(os.environ["ADMIN_DSN"], min_size=1, max_size=10)
        return state["pool"]

    uvicorn.run(app, port=BARE, log_level="warning", access_log=False)


async def load(port: int, path: str, headers: str, seconds: float) -> float:
    """Requests per second over keep-alive connections; anything but 200 is a failure."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()
    done = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            done += 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - started)


@asynccontextmanager
async def database(parts: PartsEnv) -> AsyncIterator[TestDatabase]:
    """A database with all schemas, dropped afterwards."""
    steps = {point.name: point.load() for point in entry_points(group=GROUP)}
    kafka = KafkaSettings(bootstrap=parts.kafka_bootstrap)
    keys = (SecretStr(parts.s3_access_key), SecretStr(parts.s3_secret_key))
    s3 = S3Settings(endpoint=parts.s3_endpoint, access_key=keys[0], secret_key=keys[1])
    dsns = {name: TestDatabase(parts.postgres_dsn).dsn(name) for name in SERVICE_ROLES}
    settings = databases.bootstrap_settings(parts.postgres_dsn, dsns, kafka, s3)
    ordered = {name: steps[name] for name in SERVICE_ROLES if name in steps}
    template = await databases.make_template(parts.postgres_dsn, RUN / "test" / "template.lock", ordered, settings)
    name = f"bench_{uuid.uuid4().hex[:12]}"
    yield await databases.clone(parts.postgres_dsn, template, name)
    await databases.drop(parts.postgres_dsn, name)


def server_environment(
    parts: PartsEnv, test_database: TestDatabase, key: Ed25519PrivateKey, *, generous: bool = True
) -> dict[str, str]:
    """What the two servers are told; a benchmark asks more of one token than the rate limits let anybody ask."""
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    nowhere = "http://127.0.0.1:9"
    return {
        **os.environ,
        "ADMIN_DSN": test_database.admin_dsn,
        "JWKS": json.dumps({"keys": [{**jwk, "kid": "bench", "alg": "EdDSA"}]}),
        "POSTGRES__DSN": test_database.dsn("api-gateway"),
        "KAFKA__BOOTSTRAP": parts.kafka_bootstrap,
        "KAFKA__TOPIC_PREFIX": "bench.",
        "REDIS__URL": parts.redis_url,
        "HTTP__PORT": str(GATEWAY),
        "HTTP__INTERNAL_PORT": str(INTERNAL),
        "TOKENS__JWKS_URL": f"http://127.0.0.1:{BARE}/jwks",
        "INTERNAL__SECRET": "s" * 40,
        "CURSOR_SECRET": "c" * 40,
        "LOG__LEVEL": "warning",
        "PEERS__AUTH_URL": nowhere,
        "PEERS__JIRA_SYNC_URL": nowhere,
        "PEERS__EXPORT_WORKER_URL": nowhere,
        **(WITHOUT_END if generous else {}),
    }


def access_token(key: Ed25519PrivateKey, tenant: uuid.UUID) -> str:
    """A token as auth makes it."""
    now = int(time.time())
    names = {"sub": "usr", "sid": "ses", "jti": "tok"}
    claims: dict[str, Any] = {name: public_id(prefix, new_id()) for name, prefix in names.items()}
    claims |= {"iss": "jira-export", "aud": "jira-export", "tenant": public_id("ten", tenant)}
    claims |= {"scopes": list(SCOPES), "role": "member", "iat": now, "exp": now + 600}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "bench"})


def start(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A server process of its own."""
    return subprocess.Popen(command, env=environment, cwd=ROOT)


async def until_up(port: int, path: str) -> None:
    """Waits until a server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            await load(port, path, "", 0.01)
        except (OSError, asyncio.IncompleteReadError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return


def cpu_seconds(server: "subprocess.Popen[bytes]") -> float:
    """What a server has computed so far; unlike its rate, this does not suffer from busy neighbours."""
    times = psutil.Process(server.pid).cpu_times()
    return float(times.user + times.system)


async def measure(token: str, issue: str, servers: "dict[int, subprocess.Popen[bytes]]") -> dict[str, Any]:
    """Rates and processor time in turn, medians, ratios."""
    bearer = f"Authorization: Bearer {token}\r\n"
    cases = {
        "list": (GATEWAY, "/api/v1/issues", bearer),
        "list_bare": (BARE, "/list", ""),
        "detail": (GATEWAY, f"/api/v1/issues/{issue}", bearer),
        "detail_bare": (BARE, "/detail", ""),
        "hello": (GATEWAY, "/hello", ""),
    }
    rates: dict[str, list[float]] = {name: [] for name in cases}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        await load(*case, 1.0)
    for _ in range(ROUNDS):
        for name, case in cases.items():
            before = cpu_seconds(servers[case[0]])
            rate = await load(*case, SECONDS / ROUNDS)
            rates[name].append(rate)
            cpu[name].append((cpu_seconds(servers[case[0]]) - before) * 1000 / (rate * SECONDS / ROUNDS))
    work = {name: round(statistics.median(found), 3) for name, found in cpu.items()}
    medians = {name: round(statistics.median(found), 1) for name, found in rates.items()}
    return {
        "issues": ISSUES,
        "connections": CONNECTIONS,
        "requests_per_second": medians,
        "cpu_ms_per_request": work,
        "list_ratio": round(medians["list"] / medians["list_bare"], 3),
        "detail_ratio": round(medians["detail"] / medians["detail_bare"], 3),
        "list_cpu_ratio": round(work["list_bare"] / work["list"], 3),
        "detail_cpu_ratio": round(work["detail_bare"] / work["detail"], 3),
    }


async def main() -> None:
    """Seeds, starts both servers, measures, writes the report."""
    parts = await asyncio.to_thread(start_parts, RUN / "test" / "parts")
    await ensure_topics(KafkaSettings(bootstrap=parts.kafka_bootstrap, topic_prefix="bench."))
    async with database(parts) as test_database:
        connection = await test_database.admin()
        mirror = MirrorSeed(connection)
        jira = await mirror.jira()
        await mirror.many_issues(jira, ISSUES)
        issue = await connection.fetchval("SELECT issue_id FROM jira.issues WHERE key = 'BULK-7'")
        await connection.close()
        key = Ed25519PrivateKey.generate()
        environment = server_environment(parts, test_database, key)
        environment |= {"TENANT": str(mirror.tenant), "ISSUE": str(issue)}
        commands = [[sys.executable, __file__, "bare"], [sys.executable, "-m", "api_gateway"]]
        servers = [start(command, environment) for command in commands]
        try:
            await until_up(BARE, "/jwks")
            await until_up(GATEWAY, "/hello")
            by_port = dict(zip((BARE, GATEWAY), servers, strict=True))
            report = await measure(access_token(key, mirror.tenant), public_id("iss", issue), by_port)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(20)
    (RUN / "bench").mkdir(parents=True, exist_ok=True)
    (RUN / "bench" / "gateway_read.json").write_text(json.dumps(report, indent=2) + "\n")
    rates = report["requests_per_second"]
    for name in ("list", "detail"):
        bare, ratio = rates[f"{name}_bare"], report[f"{name}_ratio"]
        print(f"{name:8} {rates[name]:8.0f}/s  bare {bare:8.0f}/s  ratio {ratio:.2f}")
        print(
            f"         processor time per request {report['cpu_ms_per_request'][name]:.2f} ms, "
            f"bare {report['cpu_ms_per_request'][f'{name}_bare']:.2f} ms"
        )
    print(f"empty handler of the gateway {rates['hello']:.0f}/s, {ISSUES} issues, {CONNECTIONS} connections")


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        serve_bare()
    else:
        uvloop.run(main())
