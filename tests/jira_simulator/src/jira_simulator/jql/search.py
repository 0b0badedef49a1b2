"""A JQL text and who asks in, the matching issues in order out, as the search index sees them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jira_simulator.jql.evaluate import compile_node
from jira_simulator.jql.fields import Asker
from jira_simulator.jql.moments import is_relative
from jira_simulator.jql.order import SortKey, sort_key
from jira_simulator.jql.parser import parse
from jira_simulator.jql.tree import Clause, Combined, Negated, Node, Query
from jira_simulator.model.issue import Issue
from jira_simulator.model.records import Account
from jira_simulator.model.site import Site

_KEPT_RESULTS = 8
_SCATTER = 2_654_435_761


@dataclass(frozen=True, slots=True)
class Found:
    issues: list[Issue]
    key: Callable[[Issue], SortKey]


class Searcher:
    """Keeps the last few results while the index stands still, so that paging costs little."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: dict[tuple[object, ...], Found] = {}

    def search(self, jql: str, account: Account | None, reconcile: Iterable[int] = ()) -> Found:
        site = self._site
        now = site.now()
        site.index.catch_up(now)
        query = parse(jql)
        asker = Asker(site, account, now)
        named = tuple(sorted(set(reconcile)))
        fixed = not named and not site.index.behind and not _depends_on_time(query.where)
        name = (jql, account.user.id if account else None, site.index.version)
        if fixed and name in self._kept:
            return self._kept[name]
        found = self._find(query, asker, named)
        if fixed:
            self._kept[name] = found
            while len(self._kept) > _KEPT_RESULTS:
                self._kept.pop(next(iter(self._kept)))
        return found

    def _find(self, query: Query, asker: Asker, reconcile: tuple[int, ...]) -> Found:
        site = self._site
        test = compile_node(asker, query.where) if query.where is not None else None
        rows = site.index.rows
        if reconcile:
            rows = dict(rows)
            for issue_id in reconcile:
                rows.pop(issue_id, None)
                if issue_id in site.issues:
                    rows[issue_id] = site.issues[issue_id]
        key = sort_key(asker, query.order, self._tie())
        if asker.account is None:
            return Found([], key)
        seen = (issue for issue in list(rows.values()) if test is None or test(issue))
        issues = [issue for issue in seen if site.sees_issue(asker.account, site.issues.get(issue.id, issue))]
        issues.sort(key=key)
        return Found(issues, key)

    def _tie(self) -> Callable[[Issue], int]:
        if self._site.cloud:
            return lambda issue: -issue.id
        salt = self._site.index.version
        return lambda issue: ((issue.id ^ salt) * _SCATTER) & 0xFFFFFFFF


def _depends_on_time(node: Node | None) -> bool:
    if node is None:
        return False
    if isinstance(node, Clause):
        return any(is_relative(value) for value in node.values)
    if isinstance(node, Negated):
        return _depends_on_time(node.part)
    return isinstance(node, Combined) and any(_depends_on_time(part) for part in node.parts)
