"""Gives a schema and all in it to the service's owner role; the service's login keeps what it may do with rows."""

import asyncpg

from common.db.roles import eraser, owner

_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Installations before owner roles: the login owned its tables. Losing them, it would lose its rights as well.
_TABLES = """
SELECT c.oid::regclass::text AS name, c.relispartition OR c.relname = 'alembic_version' AS is_inner,
    ARRAY(SELECT r FROM unnest($3::text[]) r WHERE has_table_privilege($2, c.oid, r)) AS rights
FROM pg_class c
WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v') AND pg_get_userbyid(c.relowner) = $2
ORDER BY c.oid
"""
_ROUTINES = """
SELECT p.oid::regprocedure::text AS name FROM pg_proc p
WHERE p.pronamespace = $1::regnamespace AND pg_get_userbyid(p.proowner) = $2
"""


async def hand_over(connection: asyncpg.Connection, schema: str, login: str) -> None:
    """May be repeated; what a migration took from the login stays taken."""
    new = owner(login)
    await connection.execute(f"ALTER SCHEMA {schema} OWNER TO {new}")
    await connection.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM {login}")
    await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {login}")
    # Tables of later migrations: rows for the service, and nothing else.
    rights = ", ".join(_RIGHTS)
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {new} IN SCHEMA {schema}"
    await connection.execute(f"{defaults} GRANT {rights} ON TABLES TO {login}")
    await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {eraser(login)}")
    await connection.execute(f"{defaults} GRANT SELECT, DELETE ON TABLES TO {eraser(login)}")
    for table in await connection.fetch(_TABLES, schema, login, list(_RIGHTS)):
        await connection.execute(f"ALTER TABLE {table['name']} OWNER TO {new}")
        if table["rights"] and not table["is_inner"]:
            await connection.execute(f"GRANT {', '.join(table['rights'])} ON {table['name']} TO {login}")
        if not table["is_inner"]:
            await connection.execute(f"GRANT SELECT, DELETE ON {table['name']} TO {eraser(login)}")
    for routine in await connection.fetch(_ROUTINES, schema, login):
        await connection.execute(f"ALTER ROUTINE {routine['name']} OWNER TO {new}")
