"""Every action of the audit log has a place in the services that records it, and no place records an unknown one."""

import ast
from collections.abc import Iterable, Iterator

from common.contracts.audit import ACTIONS
from lints.source import Finding, Source, dotted

RULE = "audit-actions"
_CATALOGUE = "libs/common/src/common/contracts/audit.py"
_MAKERS = frozenset({"audit_entry", "audited"})


def check_all(sources: Iterable[Source]) -> Iterator[Finding]:
    """Actions that nobody records, and calls that name one which is not in the list."""
    sources = list(sources)
    recorded = recorders(sources)
    for action in ACTIONS:
        if not recorded.get(action):
            yield Finding(_CATALOGUE, 1, RULE, f"nobody records {action}")
    for source in _services(sources):
        for call in source.calls():
            if dotted(call.func).rpartition(".")[2] in _MAKERS:
                for name in _named(call):
                    if name not in ACTIONS:
                        yield Finding(source.path, call.lineno, RULE, f"{name} is not in ACTIONS")


def recorders(sources: Iterable[Source]) -> dict[str, set[str]]:
    """Action → the services whose code names it outside of its comments and docstrings."""
    found: dict[str, set[str]] = {}
    for source in _services(sources):
        if not any(action in source.text for action in ACTIONS):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ACTIONS:
                found.setdefault(node.value, set()).add(_service(source))
    return found


def _services(sources: Iterable[Source]) -> Iterator[Source]:
    for source in sources:
        in_common = source.path.startswith("libs/common/src/") and source.path != _CATALOGUE
        if source.is_source and (source.parts[0] == "services" or in_common):
            yield source


def _service(source: Source) -> str:
    return source.parts[1] if source.parts[0] == "services" else "every service"


def _named(call: ast.Call) -> Iterator[str]:
    """The action is the second argument; an expression may choose between several."""
    places = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "action")]
    for place in places:
        if isinstance(place, ast.Constant) and isinstance(place.value, str):
            yield place.value
        elif isinstance(place, ast.IfExp):
            for branch in (place.body, place.orelse):
                if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                    yield branch.value
