"""A schema of the tests' own with a feed, an inbox and one tenant table, owned by jira-sync's role."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid
from sqlalchemy.ext.asyncio import create_async_engine

from common.db.database import Database
from common.db.feed import inbox_table, outbox_table, relay_state_table
from common.db.migrating import create_feed, create_table, protect
from common.testing.databases import TestDatabase

metadata = MetaData(schema="probe")
changes = outbox_table(metadata, "changes")
state = relay_state_table(metadata)
inbox = inbox_table(metadata)
things = Table(
    "things",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("thing_id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
)
ROLE = "je_sync_relay"


@dataclass(frozen=True)
class Probe:
    """The probe schema of one test."""

    database: TestDatabase
    db: Database
    changes: Table
    inbox: Table
    things: Table


@pytest.fixture
async def probe(test_database: TestDatabase) -> AsyncIterator[Probe]:
    admin = await test_database.admin()
    await admin.execute("CREATE SCHEMA probe AUTHORIZATION je_sync")
    await admin.close()
    engine = create_async_engine(test_database.dsn("jira-sync").replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()
    async with test_database.open("jira-sync", changes) as db:
        yield Probe(test_database, db, changes, inbox, things)


def _migrate(connection: object) -> None:
    op = Operations(MigrationContext.configure(connection))  # type: ignore[arg-type]
    create_feed(op, changes, state, relay_role=ROLE)
    for table in (inbox, things):
        create_table(op, table)
        protect(op, table)
