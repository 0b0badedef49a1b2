"""Makes a fresh Postgres usable: database, roles and their grants, schemas, extensions. Every step can be repeated."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from common.db.handing_over import hand_over
from common.db.roles import OWNED_SCHEMAS, SEARCH_ROLE, SERVICE_ROLES, SETTABLE_ROLES, owner

EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")
#: Roles belong to the whole cluster: two bootstraps at once take turns.
_LOCK = 7_215_303


def database_of(dsn: str) -> str:
    """The database that an address names."""
    return urlsplit(dsn).path.lstrip("/")


def with_database(dsn: str, name: str) -> str:
    """The same address with another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


def quoted(text: str) -> str:
    """A text as an SQL literal; for the commands that take no parameters."""
    if "\x00" in text:
        raise ValueError("a NUL character cannot be part of a password")
    return "'" + text.replace("'", "''") + "'"


async def provision(admin_dsn: str, service_dsns: Mapping[str, str]) -> None:
    """Makes what the services' addresses name; raises ValueError when they do not fit together."""
    databases = {database_of(dsn) for dsn in service_dsns.values()}
    if len(databases) != 1:
        raise ValueError(f"the services must share one database, not {sorted(databases)}")
    (database,) = databases
    await _create_database(admin_dsn, database)
    connection = await asyncpg.connect(with_database(admin_dsn, database))
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            for service, dsn in service_dsns.items():
                await _login_role(connection, SERVICE_ROLES[service], dsn)
            await _group_roles(connection, database)
            await _owner_roles(connection)
            await _schemas(connection, {SERVICE_ROLES[service] for service in service_dsns})
    finally:
        await connection.close()


async def _create_database(admin_dsn: str, database: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            name = database.replace('"', '""')
            try:
                await connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
            except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                return
    finally:
        await connection.close()


async def _exists(connection: asyncpg.Connection, role: str) -> bool:
    return bool(await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role))


async def _login_role(connection: asyncpg.Connection, role: str, dsn: str) -> None:
    parts = urlsplit(dsn)
    if unquote(parts.username or "") != role or not parts.password:
        raise ValueError(f"the address of this service must sign in as {role} with a password")
    verb = "ALTER" if await _exists(connection, role) else "CREATE"
    password = quoted(unquote(parts.password))
    rights = "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE"
    await connection.execute(f"{verb} ROLE {role} {rights} PASSWORD {password}")


async def _group_roles(connection: asyncpg.Connection, database: str) -> None:
    name = database.replace('"', '""')
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for login, groups in SETTABLE_ROLES.items():
        if not await _exists(connection, login):
            continue
        await connection.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO {login}')
        for group in groups:
            if not await _exists(connection, group):
                await connection.execute(f"CREATE ROLE {group} NOLOGIN NOINHERIT")
            await connection.execute(f"GRANT {group} TO {login}")


async def _schemas(connection: asyncpg.Connection, roles: set[str]) -> None:
    for extension in EXTENSIONS:
        await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for role in sorted(roles):
        for schema in OWNED_SCHEMAS[role]:
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner(role)}")
            await hand_over(connection, schema, role)
    if "je_sync" in roles:
        await connection.execute(f"GRANT USAGE, CREATE ON SCHEMA jira, jira_private TO {SEARCH_ROLE}")


async def _owner_roles(connection: asyncpg.Connection) -> None:
    """Whoever migrates sets these roles; the services never do, so that none can lift its own row-level security."""
    for role in (*(owner(login) for login, schemas in OWNED_SCHEMAS.items() if schemas), SEARCH_ROLE):
        if not await _exists(connection, role):
            await connection.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT")
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            await connection.execute(f"GRANT {role} TO CURRENT_USER")
    if await _exists(connection, "je_sync"):
        await connection.execute(f"REVOKE {SEARCH_ROLE} FROM je_sync")
