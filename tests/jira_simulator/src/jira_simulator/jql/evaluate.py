"""A parsed query and who asks in, a test over issues out; what cannot be evaluated is refused by name."""

import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.fields import CHOICES, DATES, DAYS, TEXTS, Asker, canonical
from jira_simulator.jql.moments import moment
from jira_simulator.jql.tree import Clause, Combined, Negated, Node, Value
from jira_simulator.jql.words import word_test
from jira_simulator.model.issue import Issue
from jira_simulator.model.times import zone

Test = Callable[[Issue], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_node(asker: Asker, node: Node) -> Test:
    if isinstance(node, Negated):
        inner = compile_node(asker, node.part)
        return lambda issue: not inner(issue)
    if isinstance(node, Combined):
        tests = tuple(compile_node(asker, part) for part in node.parts)
        if node.kind == "and":
            return lambda issue: all(test(issue) for test in tests)
        return lambda issue: any(test(issue) for test in tests)
    return _clause(asker, node)


def _clause(asker: Asker, clause: Clause) -> Test:
    name = canonical(clause.field)
    if name == "issuekey":
        return _issue_key(asker, clause)
    if name in DATES:
        return _date(asker, clause, DATES[name])
    if name in DAYS:
        return _day(asker, clause, DAYS[name])
    if name in TEXTS:
        return _text(clause, TEXTS[name])
    if name in CHOICES:
        return _choice(asker, clause, name)
    known = {entry for field in asker.site.catalogue.fields.values() for entry in (*field.clauses, field.name)}
    if clause.field.lower() in {entry.lower() for entry in known}:
        raise JqlRefused(f"The simulator cannot evaluate the field '{clause.field}'.")
    raise JqlRefused(f"Field '{clause.field}' does not exist or you do not have permission to view it.")


def _refuse_operator(clause: Clause) -> JqlRefused:
    return JqlRefused(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")


def _date(asker: Asker, clause: Clause, read: Callable[[Issue], int | None]) -> Test:
    if clause.operator in {"is", "is not"}:
        return _presence(clause, read)
    times = [moment(clause.field, value, asker.now, asker.zone) for value in clause.values]
    return _compared(clause, read, times)


def _presence(clause: Clause, read: Callable[[Issue], object]) -> Test:
    if clause.operator == "is":
        return lambda issue: read(issue) is None
    return lambda issue: read(issue) is not None


def _compared(clause: Clause, read: Callable[[Issue], Any], values: list[Any]) -> Test:
    compare = _COMPARE.get(clause.operator)
    if compare is not None and len(values) == 1:
        bound = values[0]

        def holds(issue: Issue) -> bool:
            value = read(issue)
            return value is not None and compare(value, bound)

        return holds
    wanted = frozenset(values)
    if clause.operator in {"=", "in"}:
        return lambda issue: read(issue) in wanted
    if clause.operator in {"!=", "not in"}:
        return lambda issue: (value := read(issue)) is not None and value not in wanted
    raise _refuse_operator(clause)


def _day(asker: Asker, clause: Clause, read: Callable[[Issue], str | None]) -> Test:
    if clause.operator in {"is", "is not"}:
        return _presence(clause, read)
    times = [moment(clause.field, value, asker.now, asker.zone) for value in clause.values]
    days = [datetime.fromtimestamp(ms / 1000, zone(asker.zone)).date().isoformat() for ms in times]
    return _compared(clause, read, days)


def _text(clause: Clause, read: Callable[[Issue], str]) -> Test:
    if clause.operator in {"is", "is not"}:
        wanted = clause.operator == "is not"
        return lambda issue: bool(read(issue)) is wanted
    if clause.operator not in {"~", "!~"}:
        raise _refuse_operator(clause)
    if clause.values[0].function:
        raise JqlRefused(f"The simulator cannot evaluate the function '{clause.values[0].text}()'.")
    test = word_test(clause.values[0].text)
    if clause.operator == "~":
        return lambda issue: test(read(issue))
    return lambda issue: not test(read(issue))


def _choice(asker: Asker, clause: Clause, name: str) -> Test:
    choice = CHOICES[name]
    read = choice.read
    if clause.operator in {"is", "is not"}:
        wanted = clause.operator == "is not"
        return lambda issue: any(read(issue)) is wanted
    if clause.operator in _COMPARE and choice.rank is not None:
        return _ranked(asker, clause, name)
    if clause.operator not in {"=", "!=", "in", "not in"}:
        raise _refuse_operator(clause)
    ids: set[str] = set()
    for value in clause.values:
        ids |= choice.resolve(asker, clause.field, value)
    if clause.operator in {"=", "in"}:
        return lambda issue: not ids.isdisjoint(read(issue))

    # An issue without a value matches neither `=` nor `!=`, except for resolution, where empty is a value.
    def differs(issue: Issue) -> bool:
        values = tuple(read(issue))
        return bool(values) and (any(values) or "" in ids) and ids.isdisjoint(values)

    return differs


def _ranked(asker: Asker, clause: Clause, name: str) -> Test:
    choice = CHOICES[name]
    order = choice.rank(asker) if choice.rank else []
    place = {entry: position for position, entry in enumerate(order)}
    bound = place[next(iter(choice.resolve(asker, clause.field, clause.values[0])))]
    compare = _COMPARE[clause.operator]
    return lambda issue: any(compare(place[entry], bound) for entry in choice.read(issue) if entry in place)


def _issue_key(asker: Asker, clause: Clause) -> Test:
    """`id > n` means: later in n's own project; n must be an issue the account can see."""
    if clause.operator in {"is", "is not"}:
        return lambda _: clause.operator == "is not"
    found = [issue for value in clause.values if (issue := _named_issue(asker, clause, value)) is not None]
    compare = _COMPARE.get(clause.operator)
    if compare is not None:
        if not found:
            return lambda _: False
        bound = found[0]
        return lambda issue: issue.project == bound.project and compare(issue.number, bound.number)
    ids = {issue.id for issue in found}
    if clause.operator in {"=", "in"}:
        return lambda issue: issue.id in ids
    if clause.operator in {"!=", "not in"}:
        return lambda issue: issue.id not in ids
    raise _refuse_operator(clause)


def _named_issue(asker: Asker, clause: Clause, value: Value) -> Issue | None:
    """Data Center refuses an unknown issue; Cloud's search/jql silently finds nothing for it."""
    if value.function:
        raise JqlRefused(f"The simulator cannot evaluate the function '{value.text}()' for the field '{clause.field}'.")
    if not re.fullmatch(r"\d+|[A-Za-z][A-Za-z0-9_]*-\d+", value.text):
        raise JqlRefused(f"The issue key '{value.text}' for field '{clause.field}' is invalid.")
    issue = asker.site.find_issue(value.text)
    if issue is not None and asker.site.sees_issue(asker.account, issue):
        return issue
    if asker.site.cloud:
        return None
    if value.text.isdigit():
        raise JqlRefused(f"A value with ID '{value.text}' does not exist for the field '{clause.field}'.")
    raise JqlRefused(f"An issue with key '{value.text}' does not exist for field '{clause.field}'.")
