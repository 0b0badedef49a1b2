"""The same routes of the same gateway with and without authentication; what proving a caller costs comes out.

The baseline is the gateway itself, whose routes take a caller for granted. Tokens are remembered (one for all
requests, as a client does) or cold (one for each request, never seen before). All three take turns.
"""

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gateway_read import (
    BARE,
    CONNECTIONS,
    GATEWAY,
    ROUNDS,
    RUN,
    SECONDS,
    access_token,
    cpu_seconds,
    database,
    server_environment,
    start,
    until_up,
)

from common.ids import SessionId, TenantId, UserId, public_id
from common.messaging.kafka import ensure_topics
from common.settings import KafkaSettings
from common.testing.mirror import MirrorSeed
from common.web.tokens import SCOPES, Caller
from stack.parts import start_parts

ISSUES = 2_000
OPEN, OPEN_INTERNAL = 18273, 18274
COLD = int(os.environ.get("BENCH_COLD_TOKENS", "9000"))


def serve_open() -> None:
    """The gateway as it is, but for the one question who is calling."""
    import common.web.tokens as tokens  # noqa: PLC0415 - changed before the gateway imports it
    from api_gateway.main import run  # noqa: PLC0415

    nobody = uuid.UUID(int=7)
    anybody = Caller(
        UserId(nobody), TenantId(uuid.UUID(os.environ["TENANT"])), SessionId(nobody), frozenset(SCOPES), "owner", "", 0
    )

    async def taken_for_granted(_request: Any) -> Caller:
        return anybody

    tokens.caller_of = taken_for_granted  # type: ignore[assignment]
    run()


async def load(port: int, path: str, tokens: "itertools.cycle[str]", seconds: float) -> float:
    """Requests per second over keep-alive connections, each with the next token; anything but 200 is a failure."""
    done = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            bearer = f"Authorization: Bearer {next(tokens)}\r\n"
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}\r\n".encode())
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


async def measure(
    key: Ed25519PrivateKey, tenant: uuid.UUID, issue: str, servers: "dict[int, subprocess.Popen[bytes]]"
) -> dict[str, Any]:
    """Rates and processor time of each case in turn; ratios of their medians."""
    one = itertools.cycle([access_token(key, tenant)])
    cold = itertools.cycle([access_token(key, tenant) for _ in range(COLD)])
    kinds = {"open": (OPEN, one), "remembered": (GATEWAY, one), "cold": (GATEWAY, cold)}
    paths = {"list": "/api/v1/issues", "detail": f"/api/v1/issues/{issue}"}
    cases = {(route, kind): (port, paths[route], tokens) for route in paths for kind, (port, tokens) in kinds.items()}
    rates: dict[tuple[str, str], list[float]] = {case: [] for case in cases}
    cpu: dict[tuple[str, str], list[float]] = {case: [] for case in cases}
    for port, path, _ in cases.values():
        await load(port, path, one, 0.5)
    for _ in range(ROUNDS):
        for case, (port, path, tokens) in cases.items():
            before = cpu_seconds(servers[port])
            rate = await load(port, path, tokens, SECONDS / ROUNDS)
            rates[case].append(rate)
            cpu[case].append((cpu_seconds(servers[port]) - before) * 1000 / (rate * SECONDS / ROUNDS))
    report: dict[str, Any] = {"connections": CONNECTIONS, "cold_tokens": COLD}
    for route in paths:
        rate = {kind: statistics.median(rates[route, kind]) for kind in kinds}
        work = {kind: statistics.median(cpu[route, kind]) for kind in kinds}
        report[route] = {
            "requests_per_second": {kind: round(value, 1) for kind, value in rate.items()},
            "cpu_ms_per_request": {kind: round(value, 3) for kind, value in work.items()},
            "remembered_ratio": round(rate["remembered"] / rate["open"], 3),
            "cold_ratio": round(rate["cold"] / rate["open"], 3),
            "remembered_cpu_ratio": round(work["open"] / work["remembered"], 3),
            "cold_cpu_ratio": round(work["open"] / work["cold"], 3),
        }
    return report


async def main() -> None:
    """Seeds a small mirror, starts the keys' server and both gateways, measures, writes the report."""
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
        environment = server_environment(parts, test_database, key) | {"LIMITS__ENABLED": "false"}
        environment |= {"TENANT": str(mirror.tenant), "ISSUE": str(issue)}
        other = {**environment, "HTTP__PORT": str(OPEN), "HTTP__INTERNAL_PORT": str(OPEN_INTERNAL)}
        keys = start([sys.executable, str(Path(__file__).with_name("gateway_read.py")), "bare"], environment)
        servers = {
            GATEWAY: start([sys.executable, "-m", "api_gateway"], environment),
            OPEN: start([sys.executable, __file__, "open"], other),
        }
        try:
            await until_up(BARE, "/jwks")
            for port in servers:
                await until_up(port, "/hello")
            report = await measure(key, mirror.tenant, public_id("iss", issue), servers)
        finally:
            for server in (keys, *servers.values()):
                server.terminate()
            for server in (keys, *servers.values()):
                server.wait(20)
    (RUN / "bench").mkdir(parents=True, exist_ok=True)
    (RUN / "bench" / "auth_cost.json").write_text(json.dumps(report, indent=2) + "\n")
    for route in ("list", "detail"):
        found = report[route]
        rates = ", ".join(f"{kind} {rate:.0f}/s" for kind, rate in found["requests_per_second"].items())
        print(f"{route:7} {rates}; ratio remembered {found['remembered_ratio']:.2f}, cold {found['cold_ratio']:.2f}")
        print(f"        by processor time {found['remembered_cpu_ratio']:.2f}, {found['cold_cpu_ratio']:.2f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["open"]:
        serve_open()
    else:
        uvloop.run(main())
