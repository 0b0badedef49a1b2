"""Edits in the simulator go in; how long from accepted webhook to WebSocket frame comes out, against raw Kafka.

Needs a running `make up` (addresses from .run/env). One edit is under way at a time; after each, one message of the
same size goes through Kafka alone, produce to consume, so that both are measured in the same minute.
"""

import asyncio
import json
import os
import shlex
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from websockets.asyncio.client import ClientConnection, connect

RUN = Path(os.environ.get("RUN_DIR", Path(__file__).resolve().parents[1] / ".run"))
SAMPLES = int(os.environ.get("SAMPLES", "100"))
WARM_UP = 5


def environment() -> dict[str, str]:
    """The addresses of the running system."""
    file = RUN / "env"
    if not file.exists():
        sys.exit("No .run/env: start the system with `make up` first.")
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return {name: "".join(shlex.split(value)) for name, value in pairs}


class RawKafka:
    """One partition, acks from all, one message at a time: the floor under every event."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._topic = f"bench.raw.{uuid.uuid4().hex[:8]}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RawKafka"]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(self._topic, 1, 1)])
        self._producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True)
        self._consumer = AIOKafkaConsumer(self._topic, bootstrap_servers=self._bootstrap, auto_offset_reset="earliest")
        await self._producer.start()
        await self._consumer.start()
        try:
            yield self
        finally:
            await self._producer.stop()
            await self._consumer.stop()
            await admin.delete_topics([self._topic])
            await admin.close()

    async def round_trip(self, size: int) -> float:
        """Milliseconds from produce to consume."""
        started = time.perf_counter()
        reading = asyncio.ensure_future(self._consumer.getone())
        await self._producer.send_and_wait(self._topic, b"x" * size)
        await reading
        return (time.perf_counter() - started) * 1000


class Socket:
    """One subscription by hand: what is measured is the frame, not an SDK."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def subscribe(self, token: str, channel: str) -> None:
        await self._connection.send(json.dumps({"id": 1, "connect": {"token": token}}))
        await self._connection.send(json.dumps({"id": 2, "subscribe": {"channel": channel}}))
        async for line in self._lines():
            if "error" in line:
                sys.exit(f"refused: {line}")
            if line.get("id") == 2:
                return

    async def frame_about(self, text: str, within: float = 30) -> tuple[float, int]:
        """When the frame came that tells of a text, and its size."""
        async with asyncio.timeout(within):
            async for line in self._lines():
                if text in (raw := json.dumps(line)):
                    return time.time(), len(raw)
        raise AssertionError("the socket ended")

    async def _lines(self) -> AsyncIterator[dict[str, Any]]:
        async for frame in self._connection:
            for raw in str(frame).split("\n"):
                if raw == "{}":
                    await self._connection.send("{}")
                else:
                    yield json.loads(raw)


async def accepted_at(database: asyncpg.Connection, text: str) -> float | None:
    """When jira-sync stored the delivery that tells of an edit."""
    found = await database.fetchval(
        "SELECT min(received_at) FROM jira_private.webhook_inbox WHERE position(convert_to($1, 'UTF8') IN body) > 0",
        text,
    )
    return None if found is None else found.timestamp()


async def an_issue(api: httpx.AsyncClient, env: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A token, and an issue of the Cloud simulator."""
    login = {"email": env["DEMO_EMAIL"], "password": env["DEMO_PASSWORD"]}
    token = (await api.post("/api/v1/auth/login", json=login)).raise_for_status().json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    connections = (await api.get("/api/v1/connections")).raise_for_status().json()["items"]
    cloud = next(item for item in connections if item["base_url"].rstrip("/") == env["SIM_CLOUD_URL"].rstrip("/"))
    page = (await api.get("/api/v1/issues", params={"connection": cloud["id"], "limit": 1})).raise_for_status()
    issue: dict[str, Any] = page.json()["items"][0]
    return token, issue


async def measure(env: dict[str, str]) -> tuple[list[float], list[float], list[float], int]:
    """Webhook to frame, edit to frame, raw Kafka, all in ms; and how many the poller was first with."""
    from_webhook: list[float] = []
    from_edit: list[float] = []
    raw: list[float] = []
    by_poll = 0
    database = await asyncpg.connect(env["DATABASE_URL"])
    async with (
        httpx.AsyncClient(base_url=env["JIRA_EXPORT_URL"], timeout=30) as api,
        RawKafka(env["KAFKA_BOOTSTRAP"]).running() as kafka,
        connect(env["JIRA_EXPORT_WS_URL"], compression=None, proxy=None) as connection,
    ):
        token, issue = await an_issue(api, env)
        socket = Socket(connection)
        await socket.subscribe(token, f"issue:{issue['id']}")
        for number in range(WARM_UP + SAMPLES):
            text = f"Bench {uuid.uuid4().hex[:12]}"
            edited = time.time()
            edit = f"{env['SIM_CLOUD_URL'].rstrip('/')}/_sim/issues/{issue['key']}/edit"
            waiting = asyncio.ensure_future(socket.frame_about(text))
            (await api.post(edit, json={"fields": {"summary": text}}, headers={"Authorization": ""})).raise_for_status()
            framed, size = await waiting
            alone = await kafka.round_trip(size)
            accepted = await accepted_at(database, text)
            if number < WARM_UP:
                continue
            if accepted is None or accepted > framed:
                by_poll += 1
                continue
            from_webhook.append((framed - accepted) * 1000)
            from_edit.append((framed - edited) * 1000)
            raw.append(alone)
    await database.close()
    return from_webhook, from_edit, raw, by_poll


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, p95 and p99 of some milliseconds."""
    cuts = statistics.quantiles(values, n=100)
    return {"p50_ms": round(cuts[49], 2), "p95_ms": round(cuts[94], 2), "p99_ms": round(cuts[98], 2)}


def main() -> None:
    """Measures, prints, writes the report."""
    from_webhook, from_edit, raw, by_poll = asyncio.run(measure(environment()))
    if len(from_webhook) < SAMPLES // 2:
        sys.exit(f"Only {len(from_webhook)} of {SAMPLES} edits came by webhook: is it registered?")
    webhook, kafka = summary(from_webhook), summary(raw)
    report = {
        "samples": len(from_webhook),
        "the_poller_was_first": by_poll,
        "webhook_to_frame": webhook,
        "edit_to_frame": summary(from_edit),
        "raw_kafka": kafka,
        "ratio_p50": round(webhook["p50_ms"] / kafka["p50_ms"], 2),
        "ratio_p95": round(webhook["p95_ms"] / kafka["p95_ms"], 2),
    }
    folder = RUN / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "webhook_to_frame.json").write_text(json.dumps(report, indent=2) + "\n")
    print(
        f"webhook to frame: p50 {webhook['p50_ms']} ms, raw Kafka p50 {kafka['p50_ms']} ms, ratio {report['ratio_p50']}"
    )


if __name__ == "__main__":
    main()
