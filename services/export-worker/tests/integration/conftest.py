"""Export-worker on real parts: a migrated database with a mirror to fill, a bucket, an app, and its doors over ASGI."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import jwt
import orjson
import pikepdf
import pytest
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock
from pydantic import SecretStr

from common.clock import rfc3339, utc_now
from common.db.migrating import migrate
from common.db.provisioning import provision, with_database
from common.db.roles import SERVICE_ROLES
from common.ids import TenantId, UserId, derive_issue_id, new_id, public_id
from common.issues.tables import attachments, comments, connections, grants, history, issue_keys, issues, links
from common.settings import KafkaSettings, S3Settings
from common.testing import databases
from common.testing.databases import TestDatabase
from common.web.tokens import SCOPES, TokenVerifier
from export_worker.app import App
from export_worker.bootstrap import MIGRATIONS
from export_worker.main import build
from export_worker.outbound.bucket import ensure_bucket
from export_worker.outbound.object_storage import S3Storage
from export_worker.outbound.pdf import RenderJob
from export_worker.settings import ExportSettings, Settings
from export_worker.store.tables import outbox
from stack.parts import PartsEnv

_MIRROR = databases.ROOT / "services/jira-sync/migrations"
_SETTINGS = databases.ROOT / "services/auth/migrations"
_KEY = Ed25519PrivateKey.generate()
SECRET = "internal-secret-of-the-tests-0123456789"


@pytest.fixture(scope="session")
async def database_template(parts: PartsEnv) -> str:
    """Only the schemas that this service reads and writes: its tests need no other service's code."""
    digest = hashlib.sha256()
    sources = [
        MIGRATIONS,
        _MIRROR,
        _SETTINGS,
        databases.ROOT / "libs/common/src/common",
        MIGRATIONS.parent / "src/export_worker/store",
    ]
    for file in sorted(file for folder in sources for file in folder.rglob("*.py")):
        digest.update(file.read_bytes())
    name = f"export_template_{digest.hexdigest()[:16]}"
    with FileLock(Path(parts.run_dir) / "export-template.lock"):
        admin = await asyncpg.connect(parts.postgres_dsn)
        there = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate", name)
        if not there:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            database = TestDatabase(with_database(parts.postgres_dsn, name))
            await provision(parts.postgres_dsn, {service: database.dsn(service) for service in SERVICE_ROLES})
            await migrate(_MIRROR, database.admin_dsn, "jira")
            await migrate(_SETTINGS, database.admin_dsn, "auth")
            await migrate(MIGRATIONS, database.admin_dsn, "exports")
            await admin.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        await admin.close()
    return name


@dataclass
class Mirror:
    """Fills the mirror of one tenant as jira-sync would."""

    database: TestDatabase
    tenant: TenantId = field(default_factory=lambda: TenantId(new_id()))
    connection: UUID = field(default_factory=new_id)
    site: str = "https://jira.example.com"
    numbers: dict[str, int] = field(default_factory=dict)

    async def start(self) -> "Mirror":
        now = utc_now()
        row = {
            "connection_id": self.connection,
            "name": "Example Jira",
            "base_url": self.site,
            "deployment": "datacenter",
            "site": self.site,
            "auth_method": "basic",
            "account": "bot",
            "phase": "live",
            "complete_as_of": now,
            "created_at": now,
            "updated_at": now,
        }
        await self.insert(connections, row)
        for role in ("owner", "admin", "member", "viewer"):
            await self.grant("project", "*", role)
        return self

    async def grant(self, kind: str, value: str, role: str) -> None:
        """Lets a role see projects, a level or a class."""
        row = {"subject_kind": "role", "subject": role, "kind": kind, "value": value}
        row |= {"connection_id": self.connection, "grant_id": new_id(), "created_at": utc_now()}
        await self.insert(grants, row)

    async def withdraw(self, role: str) -> None:
        """Takes everything back that a role was granted."""
        async with self.database.open("jira-sync") as db, db.uow(self.tenant) as tx:
            await tx.execute(tx.delete(grants).where(grants.c.subject == role))

    async def insert(self, table: Any, *rows: dict[str, Any]) -> None:
        async with self.database.open("jira-sync") as db, db.uow(self.tenant) as tx:
            await tx.insert_all(table, rows)

    async def issue(
        self, key: str, summary: str = "A summary", *, description: str = "Some *text*.", **columns: Any
    ) -> UUID:
        project, _, number = key.partition("-")
        jira_id = self.numbers.setdefault(key, 10_000 + len(self.numbers))
        issue_id = derive_issue_id(self.tenant, self.site, jira_id)
        row = {
            **_issue_columns(key, summary, description),
            "connection_id": self.connection,
            "jira_id": jira_id,
            "issue_id": issue_id,
            "key": key,
            "number": int(number),
            "project_id": 1,
            "project_key": project,
            **columns,
        }
        await self.insert(issues, row)
        return issue_id

    async def child(self, table: Any, key: str, **columns: Any) -> UUID:
        child = new_id()
        row = {
            "connection_id": self.connection,
            "jira_id": time.monotonic_ns() % 10**12,
            "issue_jira_id": self.numbers[key],
            "child_id": child,
            "author_name": "Ann Author",
            "created": utc_now(),
            **columns,
        }
        await self.insert(table, row)
        return child

    async def comment(self, key: str, text: str, visibility: str | None = None) -> None:
        body = {"body_format": "wiki", "body": text, "visibility": visibility, "updated": utc_now()}
        await self.child(comments, key, **body)

    async def change(self, key: str, changes: list[dict[str, Any]]) -> None:
        await self.child(history, key, changes=orjson.dumps(changes).decode())

    async def attachment(self, key: str, name: str, size: int = 100) -> UUID:
        return await self.child(attachments, key, name=name, size=size, media_type="image/png", content_url="x")

    async def link(self, key: str, other: str) -> None:
        row = {
            "connection_id": self.connection,
            "issue_jira_id": self.numbers[key],
            "jira_id": len(self.numbers) + hash(other) % 10**6,
            "direction": "outward",
            "type_name": "Blocks",
            "label": "blocks",
            "other_jira_id": self.numbers[other],
            "other_key": other,
        }
        await self.insert(links, row)

    async def old_key(self, key: str, old: str) -> None:
        await self.insert(issue_keys, {"connection_id": self.connection, "key": old, "jira_id": self.numbers[key]})

    async def edit(self, key: str, summary: str) -> None:
        async with self.database.open("jira-sync") as db, db.uow(self.tenant) as tx:
            columns = _issue_columns(key, summary, "Edited.")
            statement = tx.update(issues).where(issues.c.jira_id == self.numbers[key])
            await tx.execute(statement.values(revision=issues.c.revision + 1, card=columns["card"], summary=summary))


def _issue_columns(key: str, summary: str, description: str) -> dict[str, Any]:
    now = utc_now().replace(microsecond=0)
    card = {
        "key": key,
        "url": f"https://jira.example.com/browse/{key}",
        "project": {"key": key.partition("-")[0], "name": "Project"},
        "type": {"name": "Task", "subtask": False},
        "summary": summary,
        "status": {"name": "Open", "category": "todo"},
        "priority": {"name": "High"},
        "assignee": {"id": "ann", "name": "Ann Author", "avatar_url": None},
        "reporter": None,
        "labels": ["one"],
        "parent": None,
        "due_date": "2026-12-01",
        "created": rfc3339(now),
        "updated": rfc3339(now),
        "resolved_at": None,
    }
    detail = {"description": {"format": "wiki", "raw": description}, "custom_fields": []}
    return {
        "summary": summary,
        "status_name": "Open",
        "status_category": "todo",
        "created": now,
        "updated": now,
        "synced_at": now,
        "revision": 1,
        "content_hash": b"x",
        "card": orjson.dumps(card).decode(),
        "detail": orjson.dumps(detail).decode(),
    }


class SmallRenderer:
    """Two blank pages per issue, in no time, with the issue's bookmark; what it was asked for is kept."""

    def __init__(self) -> None:
        self.jobs: list[RenderJob] = []
        self.before: Callable[[RenderJob], Awaitable[None]] | None = None

    @property
    def keys(self) -> list[str]:
        return [issue.key for job in self.jobs for issue, _ in job.issues]

    async def render(self, job: RenderJob) -> bytes:
        self.jobs.append(job)
        if self.before is not None:
            await self.before(job)
        with pikepdf.Pdf.new() as pdf:
            for _ in range(2):
                pdf.add_blank_page()
            with pdf.open_outline() as outline:
                outline.root.append(pikepdf.OutlineItem(job.issues[0][0].key, 0))
            target = BytesIO()
            pdf.save(target)
        return target.getvalue()


@dataclass
class Images:
    """Attachments that are there."""

    there: dict[UUID, bytes] = field(default_factory=dict)

    async def fetch(self, _tenant: TenantId, _connection: UUID, attachment: UUID, _limit: int) -> bytes | None:
        return self.there.get(attachment)


@pytest.fixture(scope="session")
async def bucket(s3_settings: S3Settings) -> S3Settings:
    await ensure_bucket(s3_settings)
    return s3_settings


@pytest.fixture
async def mirror(test_database: TestDatabase) -> Mirror:
    return await Mirror(test_database).start()


@pytest.fixture
async def other_tenant(test_database: TestDatabase) -> Mirror:
    return await Mirror(test_database).start()


@pytest.fixture
def renderer() -> SmallRenderer:
    return SmallRenderer()


@pytest.fixture
async def app(test_database: TestDatabase, bucket: S3Settings, renderer: SmallRenderer) -> AsyncIterator[App]:
    settings = ExportSettings(chunk_issues=2, kafka_grace=timedelta(0), idle_poll=timedelta(milliseconds=50))
    async with test_database.open("export-worker", outbox) as db:
        yield App(db, S3Storage(bucket), Images(), renderer, utc_now, settings)


def service_settings(database: TestDatabase, kafka: KafkaSettings, s3: S3Settings, **exports: Any) -> Settings:
    given: dict[str, Any] = {
        "http": {"port": 0, "internal_port": 0},
        "postgres": database.settings("export-worker"),
        "kafka": kafka,
        "tokens": {"jwks_url": "http://auth.example.com/jwks.json"},
        "internal": {"secret": SecretStr(SECRET)},
        "s3": s3,
        "peers": {"jira_sync_url": "http://127.0.0.1:9"},
        "exports": ExportSettings(**{"chunk_issues": 2, "idle_poll": timedelta(milliseconds=200), **exports}),
    }
    return Settings(**given)


@dataclass(frozen=True)
class Client:
    """A signed-in member of a tenant at the doors of the service."""

    http: httpx.AsyncClient
    tenant: TenantId
    user: UserId
    scopes: tuple[str, ...] = tuple(SCOPES)

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        now = int(time.time())
        claims = {
            "iss": "jira-export",
            "aud": "jira-export",
            "sub": public_id("usr", self.user),
            "sid": public_id("ses", new_id()),
            "tenant": public_id("ten", self.tenant),
            "scopes": list(self.scopes),
            "role": "member",
            "jti": str(new_id()),
            "iat": now,
            "exp": now + 300,
        }
        token = jwt.encode(claims, _KEY, algorithm="EdDSA", headers={"kid": "test", "typ": "at+jwt"})
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    def limited_to(self, *scopes: str) -> "Client":
        return replace(self, scopes=scopes)

    async def finished(self, export: str, seconds: float = 60) -> httpx.Response:
        """The manifest of an export that has ended."""
        deadline = time.monotonic() + seconds
        while True:
            answer = await self.call("GET", f"/exports/{export}/manifest")
            if answer.json()["status"] not in ("queued", "running") or time.monotonic() > deadline:
                return answer
            await asyncio.sleep(0.05)


def verifier_of(settings: Settings) -> TokenVerifier:
    jwk = {**jwt.algorithms.OKPAlgorithm.to_jwk(_KEY.public_key(), as_dict=True), "kid": "test", "alg": "EdDSA"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"keys": [jwk]}))
    return TokenVerifier(settings.tokens, httpx.AsyncClient(transport=transport))


@dataclass
class Service:
    """The whole service in this process, its workers, relay and consumers too."""

    settings: Settings
    http: httpx.AsyncClient

    def member_of(self, mirror: Mirror) -> Client:
        return Client(self.http, mirror.tenant, UserId(new_id()))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    web = build(settings)
    async with LifespanManager(web, startup_timeout=60, shutdown_timeout=60) as manager:
        web.state.verifier = verifier_of(settings)
        transport = httpx.ASGITransport(manager.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://export.example.com", timeout=60) as http:
            yield Service(settings, http)


@pytest.fixture(scope="module")
async def module_database(parts: PartsEnv, database_template: str) -> AsyncIterator[TestDatabase]:
    """One database for a module whose tests each have a tenant of their own."""
    name = f"test_{new_id().hex}"
    yield await databases.clone(parts.postgres_dsn, database_template, name)
    await databases.drop(parts.postgres_dsn, name)


@pytest.fixture(scope="module")
async def service(
    module_database: TestDatabase, kafka_settings: KafkaSettings, bucket: S3Settings
) -> AsyncIterator[Service]:
    async with running(service_settings(module_database, kafka_settings, bucket)) as started:
        yield started


@pytest.fixture
async def tenant(module_database: TestDatabase) -> Mirror:
    return await Mirror(module_database).start()


@pytest.fixture
def client(service: Service, tenant: Mirror) -> Client:
    return service.member_of(tenant)


@pytest.fixture
async def service_without_kafka(test_database: TestDatabase, bucket: S3Settings) -> AsyncIterator[Service]:
    nowhere = KafkaSettings(bootstrap="127.0.0.1:9")
    grace = timedelta(milliseconds=200)
    async with running(service_settings(test_database, nowhere, bucket, kafka_grace=grace)) as started:
        yield started
