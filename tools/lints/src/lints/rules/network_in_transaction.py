"""Nothing on the network is awaited while a transaction is open: no Jira, Kafka, Redis, storage or HTTP."""

import ast
from collections.abc import Iterator

from lints.source import Finding, Source, dotted

RULE = "network-in-transaction"
_OPENERS = frozenset({"uow", "uow_for_all_tenants", "read", "connection"})
_NETWORK = frozenset(
    {
        "jira",
        "http",
        "client",
        "httpx",
        "kafka",
        "sender",
        "producer",
        "broker",
        "redis",
        "cache",
        "storage",
        "s3",
        "objects",
        "pool",
        "renderer",
        "peers",
        "outbound",
    }
)


def check(source: Source) -> Iterator[Finding]:
    """Awaits on something outside inside `async with ….uow(…)` and its like."""
    if source.is_test or source.parts[0] != "services":
        return
    foreign = _NETWORK | _names_from_outbound(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncWith) and any(_opens(item) for item in node.items):
            for inner in (found for statement in node.body for found in ast.walk(statement)):
                if isinstance(inner, ast.Await) and _is_foreign(inner, foreign):
                    yield Finding(source.path, inner.lineno, RULE, f"{dotted(inner.value)} is awaited in a transaction")


def _opens(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _OPENERS


def _is_foreign(node: ast.Await, foreign: frozenset[str]) -> bool:
    names = dotted(node.value).split(".")
    return bool(foreign & set(names))


def _names_from_outbound(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and ".outbound" in node.module
        for alias in node.names
        if not alias.name[:1].isupper()
    )
