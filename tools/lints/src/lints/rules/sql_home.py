"""SQL stands in `store/`, migrations, `common/db` and `common/issues`, and nobody else ends a transaction."""

import ast
from collections.abc import Iterator

from lints.source import Finding, Source, dotted

RULE = "sql-home"
_HOMES = ("store", "migrations", "db", "issues", "testing")
_DRIVERS = ("sqlalchemy", "asyncpg", "psycopg", "alembic")


def is_home(source: Source) -> bool:
    """Whether SQL may stand here."""
    return any(part in _HOMES for part in source.parts) or source.parts[-1] == "bootstrap.py"


def check(source: Source) -> Iterator[Finding]:
    """Imports of a database driver outside its home, and commits outside `common/db`."""
    if source.is_test or source.parts[0] not in ("libs", "services"):
        return
    if not is_home(source):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import | ast.ImportFrom) and _imports_a_driver(node):
                yield Finding(source.path, node.lineno, RULE, "SQL belongs into store/ (or common/db, common/issues)")
    if "db" not in source.parts:
        for call in source.calls():
            if dotted(call.func).rpartition(".")[2] in ("commit", "rollback") and not source.marked(
                call, "not a database"
            ):
                yield Finding(source.path, call.lineno, RULE, "only the unit of work commits or rolls back")


def _imports_a_driver(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return any(name.split(".")[0] in _DRIVERS for name in names)
