"""Tenant A floods, tenant B asks politely; B's latency alone, beside the flood with limits and without them comes out.

Two gateways that differ in `LIMITS__ENABLED` alone take turns in one run. The flood is a process of its own that asks
for searches over many connections and minds neither 429 nor Retry-After.
"""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gateway_read import BARE, GATEWAY, RUN, access_token, database, server_environment, start, until_up

from common.messaging.kafka import ensure_topics
from common.settings import KafkaSettings
from common.testing.mirror import MirrorSeed
from stack.parts import start_parts

ISSUES = int(os.environ.get("BENCH_ISSUES", "5000"))
SECONDS = float(os.environ.get("SECONDS_EACH", "8"))
ROUNDS = 2
FLOODERS = 64
PAUSE = 0.01
LIMITED, UNLIMITED = GATEWAY, 18275
UNLIMITED_INTERNAL = 18276


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """One request over an open connection; its status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    await reader.readexactly(int(lengths[0].split(b":")[1]))
    return int(head.split(b" ", 2)[1])


async def flood(port: int, token: str) -> None:
    """Searches without end until the process is ended; prints what came back."""
    body = b'{"q":"summary","limit":200,"highlight":true}'
    head = f"POST /api/v1/issues/search HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    statuses: Counter[int] = Counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            statuses[await ask(reader, writer, request)] += 1

    tasks = [asyncio.create_task(one()) for _ in range(FLOODERS)]
    await asyncio.to_thread(sys.stdin.readline)
    for task in tasks:
        task.cancel()
    print(json.dumps(statuses))


async def polite(port: int, token: str, seconds: float) -> list[float]:
    """B's latencies in milliseconds: one request after another, with a short pause between."""
    head = f"GET /api/v1/issues?limit=50 HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        status = await ask(reader, writer, head.encode())
        if status != 200:
            raise RuntimeError(f"B was answered {status}")
        found.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PAUSE)
    writer.close()
    return found


def quantile(values: list[float], part: float) -> float:
    """Of all rounds together."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))], 1)


async def measure(a: str, b: str) -> dict[str, Any]:
    """Alone, with limits, without, in turn."""
    latencies: dict[str, list[float]] = {"alone": [], "limited": [], "unlimited": []}
    answered: dict[str, Counter[str]] = {"limited": Counter(), "unlimited": Counter()}
    for port in (LIMITED, UNLIMITED):
        await polite(port, b, 1)
    for _ in range(ROUNDS):
        latencies["alone"] += await polite(LIMITED, b, SECONDS / ROUNDS)
        for name, port in (("limited", LIMITED), ("unlimited", UNLIMITED)):
            command = [sys.executable, __file__, "flood", str(port), a]
            flooding = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
            await asyncio.sleep(1)
            latencies[name] += await polite(port, b, SECONDS / ROUNDS)
            out, _ = await flooding.communicate(b"\n")
            answered[name].update(json.loads(out))
    report: dict[str, Any] = {"issues": ISSUES, "flooders": FLOODERS, "flood_answered": answered}
    for name, found in latencies.items():
        report[name] = {"requests": len(found), "p50_ms": quantile(found, 0.5), "p99_ms": quantile(found, 0.99)}
    alone, limited, unlimited = (report[name]["p99_ms"] for name in latencies)
    report["limits_help_ratio"] = round(unlimited / limited, 2)
    report["slower_than_alone_ratio"] = round(limited / alone, 2)
    return report


async def main() -> None:
    """Seeds two tenants, starts the keys' server and both gateways, measures, writes the report."""
    parts = await asyncio.to_thread(start_parts, RUN / "test" / "parts")
    await ensure_topics(KafkaSettings(bootstrap=parts.kafka_bootstrap, topic_prefix="bench."))
    async with database(parts) as test_database:
        connection = await test_database.admin()
        tenants = [MirrorSeed(connection), MirrorSeed(connection)]
        for tenant in tenants:
            await tenant.many_issues(await tenant.jira(), ISSUES)
        await connection.close()
        key = Ed25519PrivateKey.generate()
        environment = server_environment(parts, test_database, key, generous=False)
        environment |= {"TENANT": str(tenants[0].tenant), "ISSUE": str(tenants[0].tenant)}
        free = {"HTTP__PORT": str(UNLIMITED), "HTTP__INTERNAL_PORT": str(UNLIMITED_INTERNAL)}
        servers = [
            start([sys.executable, str(Path(__file__).with_name("gateway_read.py")), "bare"], environment),
            start([sys.executable, "-m", "api_gateway"], environment),
            start([sys.executable, "-m", "api_gateway"], {**environment, **free, "LIMITS__ENABLED": "false"}),
        ]
        try:
            await until_up(BARE, "/jwks")
            for port in (LIMITED, UNLIMITED):
                await until_up(port, "/hello")
            report = await measure(*(access_token(key, tenant.tenant) for tenant in tenants))
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(20)
    (RUN / "bench").mkdir(parents=True, exist_ok=True)
    (RUN / "bench" / "noisy_neighbour.json").write_text(json.dumps(report, indent=2) + "\n")
    for name in ("alone", "limited", "unlimited"):
        print(f"B {name:9} p50 {report[name]['p50_ms']:7.1f} ms  p99 {report[name]['p99_ms']:7.1f} ms")
    print(f"A was answered {json.dumps(report['flood_answered'])}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["flood"]:
        uvloop.run(flood(int(sys.argv[2]), sys.argv[3]))
    else:
        uvloop.run(main())
