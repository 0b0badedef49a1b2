"""Migrations: runs a service's Alembic scripts as its schemas' owner; writes the DDL that all tenant tables share."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

from common.db.roles import OWNED_SCHEMAS, AcrossTenants, eraser, owner

PARTITIONS = 8
LOCK_TIMEOUT = "4s"


def create_table(op: Operations, table: Table, *, partitioned: bool = False) -> None:
    """CREATE TABLE, on request cut into hash partitions by tenant."""
    ddl = str(CreateTable(table).compile(dialect=postgresql.dialect())).rstrip()  # type: ignore[no-untyped-call]
    if not partitioned:
        op.execute(ddl)
        return
    op.execute(f"{ddl} PARTITION BY HASH (tenant_id)")
    for number in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE {table.schema}.{table.name}_p{number} PARTITION OF {table.schema}.{table.name} "
            f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        )


def protect(op: Operations, table: Table, *, force: bool = True) -> None:
    """Row-level security: only rows of the tenant that the transaction was opened for, also for the owner."""
    name = f"{table.schema}.{table.name}"
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    if force:
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    rule = "tenant_id = current_setting('app.tenant')::uuid"
    op.execute(f"CREATE POLICY tenant ON {name} USING ({rule}) WITH CHECK ({rule})")


def open_across_tenants(op: Operations, grant: AcrossTenants) -> None:
    """Lets one named role see all tenants' rows of one table."""
    schema = grant.table.split(".")[0]
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {grant.role}")
    op.execute(f"GRANT {grant.privileges} ON {grant.table} TO {grant.role}")
    op.execute(f"CREATE POLICY {grant.role} ON {grant.table} TO {grant.role} USING (true) WITH CHECK (true)")


def create_feed(op: Operations, feed: Table, state: Table, *, relay_role: str) -> None:
    """An outbox with its relay state: partitions, protection, the relay's rights and the index of what waits."""
    create_table(op, feed, partitioned=True)
    protect(op, feed)
    name = f"{feed.schema}.{feed.name}"
    op.execute(f"CREATE INDEX ON {name} (seq) WHERE position IS NULL")
    op.execute(f"CREATE INDEX ON {name} (position) WHERE position IS NOT NULL")
    op.execute(f"CREATE INDEX ON {name} (tenant_id, position) WHERE position IS NOT NULL")
    op.execute(f"GRANT USAGE ON SCHEMA {feed.schema} TO {relay_role}")
    op.execute(f"GRANT SELECT, UPDATE (position, epoch), DELETE ON {name} TO {relay_role}")
    op.execute(f"CREATE POLICY {relay_role} ON {name} TO {relay_role} USING (true) WITH CHECK (true)")
    create_table(op, state)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {state.schema}.{state.name} TO {relay_role}")


def drop_tables(op: Operations, tables: Iterable[Table]) -> None:
    """Drops tables in the order given."""
    for table in tables:
        op.execute(f"DROP TABLE {table.schema}.{table.name}")


def alembic_config(scripts: Path, dsn: str, schema: str) -> Config:
    """What Alembic needs to run the scripts of one service; its version table stands in the service's own schema."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["dsn"] = dsn
    config.attributes["schema"] = schema
    return config


def run_env(context: Any) -> None:
    """The whole of a service's `env.py`: connects, takes on the owner's role and migrates with a lock timeout."""
    config = context.config
    schema = config.attributes["schema"]
    (login,) = (login for login, schemas in OWNED_SCHEMAS.items() if schema in schemas)
    engine = create_async_engine(
        config.attributes["dsn"].replace("postgresql://", "postgresql+asyncpg://", 1),
        # As a setting of the session, so that RESET ROLE in a migration leads back to the owner.
        connect_args={"server_settings": {"role": owner(login)}},
    )

    def migrate(connection: Any) -> None:
        context.configure(
            connection=connection,
            version_table_schema=schema,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            context.run_migrations()
            close_inner_tables(connection, login)

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
            await connection.commit()
        await engine.dispose()

    asyncio.run(run())


def close_inner_tables(connection: Any, login: str) -> None:
    """Partitions are reached through their parents only, past which no policy would hold; versions are ours."""
    found = connection.execute(
        text(
            "SELECT c.oid::regclass::text AS name, c.relispartition AS of_parent FROM pg_class c"
            " WHERE c.relnamespace::regnamespace::text = ANY(:schemas) AND c.relkind = 'r'"
            " AND pg_get_userbyid(c.relowner) = current_user AND (c.relispartition OR c.relname = 'alembic_version')"
            " AND (has_table_privilege(:login, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
            "  OR c.relispartition AND NOT (c.relrowsecurity AND c.relforcerowsecurity))"
        ),
        {"schemas": list(OWNED_SCHEMAS[login]), "login": login},
    )
    for name, of_parent in found.all():
        connection.execute(text(f"REVOKE ALL ON {name} FROM {login}, {eraser(login)}"))
        if of_parent:
            connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"))


async def migrate(scripts: Path, dsn: str, schema: str, revision: str = "head") -> None:
    """Brings a service's schemas to a revision (`head` by default); `dsn` signs in as one who may set its owner."""
    await asyncio.to_thread(command.upgrade, alembic_config(scripts, dsn, schema), revision)


async def downgrade(scripts: Path, dsn: str, schema: str, revision: str = "base") -> None:
    """Takes a service's schemas back to a revision."""
    await asyncio.to_thread(command.downgrade, alembic_config(scripts, dsn, schema), revision)
