"""Jira Cloud, REST v3: ids by token search, whole issues by bulk fetch, histories by bulk changelog."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from jira_sync.domain.polling import Seen
from jira_sync.domain.snapshot import RawIssue
from jira_sync.domain.times import epoch_ms, parse_time
from jira_sync.outbound.jira.children import completed, pages
from jira_sync.outbound.jira.errors import BadAnswer, DoorMissing, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.http_jira import HttpJira
from jira_sync.outbound.jira.identity import who_am_i
from jira_sync.outbound.jira.interface import AccountInfo, Fetched, JsonObject, RawLists, SweepPage
from jira_sync.outbound.jira.lists import gathered, quoted

_API = "/rest/api/3"
_BATCH = 100
_IDS = 500
_SEEN = 1000
_ALL_IDS = 5000
_MOST_PAGES = 20_000
_CLOSED = (DoorMissing, JiraForbidden, JiraRejected)


class CloudJira:
    """One Jira Cloud as one account."""

    deployment = "cloud"

    def __init__(self, http: HttpJira) -> None:
        self.http = http

    async def account(self) -> AccountInfo:
        return await who_am_i(self.http, f"{_API}/myself")

    async def projects(self) -> list[JsonObject]:
        found = []
        for status, state in (("live", "live"), ("archived", "archived")):
            try:
                page = await pages(
                    self.http, f"{_API}/project/search", "values", 50, status=status, expand="lead,projectKeys"
                )
            except _CLOSED:
                if status == "live":
                    raise
                continue
            found += [{**entry, "state": state} for entry in page]
        return found

    async def project(self, project_id: int) -> JsonObject:
        answer: JsonObject = await self.http.get(f"{_API}/project/{project_id}", expand="projectKeys,lead")
        return answer

    async def lists(self) -> RawLists:
        return await gathered(
            self.http,
            _API,
            fields=(self.http.get(f"{_API}/field"), pages(self.http, f"{_API}/field/search", "values", 50)),
            users=pages(self.http, f"{_API}/users/search", "values", 1000),
        )

    async def count(self, project_key: str) -> int | None:
        try:
            answer = await self.http.post(
                f"{_API}/search/approximate-count", {"jql": f"project = {quoted(project_key)}"}
            )
        except _CLOSED:
            return None
        return int(answer["count"])

    async def sweep(self, project_key: str, state: JsonObject | None) -> SweepPage:
        """A page of ids, then their issues; a token that Jira no longer takes starts the project again."""
        token = (state or {}).get("token")
        jql = f"project = {quoted(project_key)} ORDER BY created ASC, key ASC"
        try:
            ids, following = await self._search(jql, token, ["id"], _IDS)
        except JiraRejected:
            if token is None:
                raise
            ids, following = await self._search(jql, None, ["id"], _IDS)
        fetched = await self.fetch([int(issue["id"]) for issue in ids])
        if not fetched.found and not ids:
            await self.account()  # an empty page is only believed as somebody
        return SweepPage(fetched, None if following in (None, token) else {"token": following})

    async def ids(self, project_key: str) -> set[int]:
        found: set[int] = set()
        token: str | None = None
        for _ in range(_MOST_PAGES):
            jql = f"project = {quoted(project_key)} ORDER BY created ASC, key ASC"
            issues, following = await self._search(jql, token, ["id"], _ALL_IDS)
            found |= {int(issue["id"]) for issue in issues}
            if following is None or following == token:
                break
            token = following
        return found

    async def fetch(self, ids: Collection[int]) -> Fetched:
        wanted = sorted(set(ids))
        parts = await asyncio.gather(*(self._batch(batch) for batch in _batches(wanted, _BATCH)))
        return Fetched(
            [issue for part in parts for issue in part.found],
            frozenset().union(*(part.missing for part in parts)),
            frozenset().union(*(part.failed for part in parts)),
        )

    async def _batch(self, ids: Sequence[int]) -> Fetched:
        """One bulk fetch. A cut answer is asked for again in halves; one issue that stays cut is left out."""
        observed_at = self.http.clock()
        body = {"issueIdsOrKeys": [str(number) for number in ids], "fields": ["*all"], "fieldsByKeys": False}
        try:
            answer = await self.http.post(f"{_API}/issue/bulkfetch", body, halvable=len(ids) > 1)
        except BadAnswer:
            if len(ids) == 1:
                return Fetched([], failed=frozenset(ids))
            middle = len(ids) // 2
            halves = [await self._batch(ids[:middle]), await self._batch(ids[middle:])]
            return Fetched(
                [*halves[0].found, *halves[1].found],
                halves[0].missing | halves[1].missing,
                halves[0].failed | halves[1].failed,
            )
        except (DoorMissing, JiraForbidden):
            return await self._singly(ids)
        issues = answer["issues"]
        troubled = {int(name) for error in answer.get("issueErrors") or () for name in error.get("issueIdsOrKeys", ())}
        missing = frozenset(ids) - {int(issue["id"]) for issue in issues} - troubled
        found = await self._completed(issues, observed_at)
        if not missing:
            return Fetched(found, failed=frozenset(troubled))
        # The bulk door says nothing about what it leaves out; the single one says 404.
        asked_again = await self._singly(sorted(missing))
        return Fetched([*found, *asked_again.found], asked_again.missing, frozenset(troubled))

    async def _singly(self, ids: Sequence[int]) -> Fetched:
        """The way without bulk fetch."""

        async def one(number: int) -> JsonObject | None:
            try:
                answer: JsonObject = await self.http.get(f"{_API}/issue/{number}", fields="*all")
            except (DoorMissing, JiraForbidden):
                return None
            return answer

        observed_at = self.http.clock()
        answers = dict(zip(ids, await asyncio.gather(*(one(number) for number in ids)), strict=True))
        issues = [issue for issue in answers.values() if issue is not None]
        missing = frozenset(number for number, issue in answers.items() if issue is None)
        return Fetched(await self._completed(issues, observed_at), missing)

    async def _completed(self, issues: list[JsonObject], observed_at: datetime) -> list[RawIssue]:
        histories = await self._histories([int(issue["id"]) for issue in issues])
        return await asyncio.gather(
            *(completed(self.http, _API, issue, observed_at, histories.get(int(issue["id"]))) for issue in issues)
        )

    async def _histories(self, ids: Sequence[int]) -> dict[int, list[JsonObject] | None]:
        """Whole changelogs, oldest first; issue by issue where the bulk door is closed."""
        if not ids:
            return {}
        found: dict[int, list[JsonObject] | None] = {number: [] for number in ids}
        token: str | None = None
        body: dict[str, Any] = {"issueIdsOrKeys": [str(number) for number in ids], "maxResults": 1000}
        try:
            for _ in range(_MOST_PAGES):
                answer = await self.http.post(
                    f"{_API}/changelog/bulkfetch", body | ({"nextPageToken": token} if token else {})
                )
                for part in answer.get("issueChangeLogs") or ():
                    known = found.setdefault(int(part["issueId"]), [])
                    (known if known is not None else []).extend(part.get("changeHistories") or ())
                following = answer.get("nextPageToken")
                if following is None or following == token:
                    return found
                token = following
        except _CLOSED:
            pass
        parts = await asyncio.gather(*(self._history(number) for number in ids))
        return dict(zip(ids, parts, strict=True))

    async def _history(self, number: int) -> list[JsonObject] | None:
        try:
            return await pages(self.http, f"{_API}/issue/{number}/changelog", "values", 100)
        except _CLOSED:
            return None

    async def updated_since(self, since: datetime, project_keys: Sequence[str] | None) -> list[Seen]:
        where = f"updated >= {epoch_ms(since)}"
        if project_keys is not None:
            where += f" AND project in ({', '.join(quoted(key) for key in project_keys)})"
        seen: list[Seen] = []
        token: str | None = None
        for _ in range(_MOST_PAGES):
            issues, following = await self._search(f"{where} ORDER BY updated ASC, key ASC", token, ["updated"], _SEEN)
            times = ((int(issue["id"]), parse_time(issue["fields"].get("updated"))) for issue in issues)
            seen += [Seen(number, at) for number, at in times if at is not None]
            if following is None or following == token:
                break
            token = following
        if not seen:
            await self.account()  # an empty answer is only believed as somebody
        return seen

    async def _search(
        self, jql: str, token: str | None, fields: Sequence[str], size: int
    ) -> tuple[list[JsonObject], str | None]:
        """One page; the end is an absent token, never a short page."""
        body: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": size}
        answer = await self.http.post(f"{_API}/search/jql", body | ({"nextPageToken": token} if token else {}))
        return answer["issues"], None if answer.get("isLast") else answer.get("nextPageToken")


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
