"""Every statement of a service's store names the tenant: by the unit of work's builders or by a condition of its own.

The escape is a comment with a reason: `# across tenants: <why>` or `# no tenant: <why>`.
"""

import ast
from collections.abc import Iterator

from lints.source import Finding, Source

RULE = "scoped-sql"
_STARTS = frozenset({"select", "insert", "update", "delete", "text"})
_MARKERS = ("across tenants", "no tenant")


def check(source: Source) -> Iterator[Finding]:
    """Bare `select(…)` and the like in statements that never name the tenant, not even by a function of the module."""
    in_store = "store" in source.parts and source.parts[0] == "services"
    in_issues = source.path.startswith("libs/common/src/common/issues/")
    if source.is_test or not (in_store or in_issues):
        return
    statements = list(_outermost(source.tree))
    scoping = _names_that_scope(statements)
    for statement in statements:
        starts = [call for call in _calls(statement) if _is_bare_start(call)]
        if not starts or _mentions_tenant(statement, scoping) or _is_marked(source, statement):
            continue
        for call in starts:
            yield Finding(source.path, call.lineno, RULE, "start from tx.select and its like, or name the tenant")


def _names_that_scope(statements: list[ast.stmt]) -> frozenset[str]:
    """`of_tenant`, and what this module builds upon it."""
    names: frozenset[str] = frozenset({"of_tenant"})
    while True:
        more = names | {name for one in statements if _mentions_tenant(one, names) for name in _defined(one)}
        if more == names:
            return names
        names = more


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def _outermost(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from (inner for inner in node.body)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def _is_bare_start(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _STARTS


def _mentions_tenant(node: ast.AST, scoping: frozenset[str]) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr == "tenant_id":
            return True
        if isinstance(inner, ast.keyword) and inner.arg == "tenant_id":
            return True
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and "tenant_id" in inner.value:
            return True
        if isinstance(inner, ast.Name) and inner.id in scoping:
            return True
    return False


def _is_marked(source: Source, node: ast.stmt) -> bool:
    last = node.end_lineno or node.lineno
    near = source.lines[max(0, node.lineno - 3) : last]
    return any(f"# {marker}: " in line for line in near for marker in _MARKERS)
