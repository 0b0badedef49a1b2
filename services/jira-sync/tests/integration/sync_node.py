"""A jira-sync of a test: the whole service on a port of its own, in this process or as one that can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import uvicorn
from pydantic import SecretStr

from common.errors import Unauthenticated
from common.ids import SessionId, TenantId, UserId, new_id, parse_id, public_id
from common.settings import InternalSettings, KafkaSettings, TokenSettings
from common.testing.databases import MASTER_KEY, TestDatabase, crypto_settings
from common.web.tokens import Caller
from jira_simulator.testing import RunningSimulator, free_ports
from jira_sync.app import App
from jira_sync.main import build
from jira_sync.settings import JiraSettings, Settings, SyncHttpSettings

INTERNAL = "internal-secret-of-the-tests-0123456789"
QUICK = JiraSettings(
    first_wait=timedelta(milliseconds=50),
    longest_wait=timedelta(seconds=2),
    timeout=timedelta(seconds=20),
    connect_timeout=timedelta(seconds=2),
)
_PATIENCE = 45.0


async def until(
    what: Callable[[], Awaitable[Any]], *, within: float = _PATIENCE, failing: Callable[[Any], object] = repr
) -> Any:
    """Polls for a condition; the message of a failure shows what was there last."""
    deadline = asyncio.get_running_loop().time() + within
    last = await what()
    while not last:
        assert asyncio.get_running_loop().time() < deadline, f"not in {within} s: {failing(last)}"
        await asyncio.sleep(0.05)
        last = await what()
    return last


class AnyTenant:
    """Takes a tenant's id for a token, so that tests need no auth service."""

    async def verify(self, token: str) -> Caller:
        if not token.startswith("ten_"):
            raise Unauthenticated
        tenant = TenantId(parse_id("ten", token))
        scopes = frozenset({"connections:admin", "connections:read"})
        return Caller(UserId(tenant), tenant, SessionId(tenant), scopes, "owner", token, 2**31)


@dataclass
class Node:
    """One running jira-sync as its tenant sees it."""

    http: httpx.AsyncClient
    database: TestDatabase
    url: str
    app: App | None = None
    pid: int | None = None

    async def call(
        self, method: str, path: str, body: Any = None, *, tenant: TenantId, **headers: str
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {public_id('ten', tenant)}"}
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=bearer | headers)

    async def connect(
        self, simulator: RunningSimulator, tenant: TenantId, *, limited: bool = False, **more: Any
    ) -> "Mirror":
        answer = await self.call(
            "POST", "/connections", connection_request(simulator, limited=limited) | more, tenant=tenant
        )
        assert answer.status_code == 201, answer.text
        return Mirror(self.database, tenant, parse_id("con", answer.json()["id"]))


def connection_request(simulator: RunningSimulator, *, limited: bool = False) -> dict[str, Any]:
    account, secret = simulator.limited if limited else simulator.basic
    auth = {"method": "basic", "username": account, "password": secret}
    if simulator.personality == "cloud":
        auth = {"method": "api_token", "email": account, "token": secret}
    return {"name": "Simulator", "base_url": simulator.base_url, "auth": auth}


@dataclass
class Mirror:
    """What the database has of one connection, seen past row-level security."""

    database: TestDatabase
    tenant: TenantId
    connection: Any

    @property
    def id(self) -> str:
        return public_id("con", self.connection)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """`$1` is the connection."""
        admin = await self.database.admin()
        try:
            return await admin.fetch(sql, self.connection, *arguments)
        finally:
            await admin.close()

    async def row(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        found = await self.rows(sql, *arguments)
        return found[0] if found else None

    async def state(self) -> asyncpg.Record:
        (found,) = await self.rows("SELECT * FROM jira.connections WHERE connection_id = $1")
        return found

    async def wait_for_phase(self, phase: str, within: float = _PATIENCE) -> asyncpg.Record:
        async def reached() -> asyncpg.Record | None:
            state = await self.state()
            return state if state["phase"] == phase else None

        return await until(reached, within=within)

    async def issue(self, key: str) -> asyncpg.Record | None:
        return await self.row("SELECT * FROM jira.issues WHERE connection_id = $1 AND key = $2", key)

    async def changes(self, kind: str | None = None) -> list[asyncpg.Record]:
        return await self.rows(
            "SELECT * FROM jira.changes WHERE connection_id = $1 AND ($2::text IS NULL OR kind = $2) ORDER BY seq", kind
        )

    async def content(self) -> dict[int, dict[str, Any]]:
        """The live issues in the shape of the simulator's truth."""
        issues = await self.rows("SELECT * FROM jira.issues WHERE connection_id = $1 AND deleted_at IS NULL")
        found = {row["jira_id"]: _as_truth(row) for row in issues}
        labels = await self.rows("SELECT * FROM jira.issue_values WHERE connection_id = $1 AND field = 'label'")
        for row in labels:
            if row["jira_id"] in found:
                found[row["jira_id"]]["labels"].append(row["value"])
        for table in ("comments", "worklogs", "history"):
            children = await self.rows(f"SELECT issue_jira_id, jira_id FROM jira.{table} WHERE connection_id = $1")  # noqa: S608
            for row in children:
                if row["issue_jira_id"] in found:
                    found[row["issue_jira_id"]][table].append(row["jira_id"])
        return {jira_id: _in_order(entry) for jira_id, entry in found.items()}


def _as_truth(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "key": row["key"],
        "summary": row["summary"],
        "status": row["status_name"],
        "updated": row["updated"].timestamp(),
        "security": row["security_level_name"],
        "assignee": row["assignee_id"],
        "labels": [],
        "comments": [],
        "worklogs": [],
        "history": [],
    }


def _in_order(entry: dict[str, Any]) -> dict[str, Any]:
    lists = {name: sorted(entry[name]) for name in ("labels", "comments", "worklogs")}
    return entry | lists | {"history": len(entry["history"])}


def truth_of(simulator: RunningSimulator) -> dict[int, dict[str, Any]]:
    """What the simulator says, in the shape of `Mirror.content`."""
    return {int(item["id"]): _truth(item) for item in simulator.truth()}


def _truth(item: dict[str, Any]) -> dict[str, Any]:
    from jira_sync.domain.times import parse_time  # noqa: PLC0415 - only here

    return {
        "key": item["key"],
        "summary": item["summary"],
        "status": item["status"],
        "updated": parse_time(item["updated"]).timestamp(),
        "security": item["security"],
        "assignee": item["assignee"],
        "labels": sorted(item["labels"]),
        "comments": sorted(int(number) for number in item["comments"]),
        "worklogs": sorted(int(number) for number in item["worklogs"]),
        "history": item["changes"],
    }


def settings_for(database: TestDatabase, kafka: KafkaSettings, port: int, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "http": SyncHttpSettings(port=port, internal_port=0),
        "postgres": database.settings("jira-sync"),
        "kafka": kafka,
        "tokens": TokenSettings(jwks_url="http://127.0.0.1:9/unused"),
        "internal": InternalSettings(secret=SecretStr(INTERNAL)),
        "crypto": crypto_settings(),
        "public_url": f"http://127.0.0.1:{port}",
        "allowed_inner_hosts": ["127.0.0.1", "localhost"],
        "poll_interval": timedelta(milliseconds=300),
        "lease_life": timedelta(seconds=2),
        "jira": QUICK,
    }
    return Settings(**{**values, **more})


@asynccontextmanager
async def running_node(database: TestDatabase, kafka: KafkaSettings, **more: Any) -> AsyncIterator[Node]:
    """In this process, on real sockets, because the simulator delivers webhooks to it."""
    (port,) = free_ports(1)
    settings = settings_for(database, kafka, port, **more)
    web = build(settings)
    server = uvicorn.Server(
        uvicorn.Config(web, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=3)
    )
    task = asyncio.create_task(server.serve())
    try:

        async def started() -> bool:
            assert not task.done(), task.exception()
            return server.started

        await until(started, within=20)
        web.state.verifier = AnyTenant()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http:
            yield Node(http, database, f"http://127.0.0.1:{port}", app=web.state.app)
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def killable_node(database: TestDatabase, kafka: KafkaSettings, **environment: str) -> AsyncIterator[Node]:
    """A process of its own, killed at the end if it still lives."""
    (port, inner) = free_ports(2)
    env = os.environ | {
        "HTTP__PORT": str(port),
        "HTTP__INTERNAL_PORT": str(inner),
        "POSTGRES__DSN": database.dsn("jira-sync"),
        "KAFKA__BOOTSTRAP": kafka.bootstrap,
        "KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
        "TOKENS__JWKS_URL": "http://127.0.0.1:9/unused",
        "INTERNAL__SECRET": INTERNAL,
        "CRYPTO__MASTER_KEYS": f'{{"k1":"{MASTER_KEY}"}}',
        "CRYPTO__ACTIVE_KEY": "k1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_INNER_HOSTS": '["127.0.0.1","localhost"]',
        "POLL_INTERVAL": "PT0.3S",
        "LEASE_LIFE": "PT2S",
        "LOG__LEVEL": "warning",
        **environment,
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "jira_sync", env=env)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http:

            async def ready() -> bool:
                assert process.returncode is None, "jira-sync ended"
                try:
                    return (await http.get("/health/ready")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(ready, within=30)
            yield Node(http, database, f"http://127.0.0.1:{port}", pid=process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


def new_tenant() -> TenantId:
    return TenantId(new_id())
