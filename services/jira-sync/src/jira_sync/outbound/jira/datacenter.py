"""Jira Data Center, REST v2: windows of `created` that are walked by time, histories inside the issues."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any

from jira_sync.domain.polling import Seen
from jira_sync.domain.snapshot import RawIssue
from jira_sync.domain.times import epoch_ms, parse_time
from jira_sync.domain.windows import Window, WindowPage, rest_of, split
from jira_sync.outbound.jira.children import completed, pages
from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden
from jira_sync.outbound.jira.http_jira import HttpJira
from jira_sync.outbound.jira.identity import who_am_i
from jira_sync.outbound.jira.interface import AccountInfo, Fetched, JsonObject, RawLists, SweepPage
from jira_sync.outbound.jira.lists import gathered, quoted

_API = "/rest/api/2"
_PAGE = 100
_SEEN = 1000
_AT_ONCE = 4
#: A project with more issues than this is read in several windows at once.
_SPLIT_ABOVE = 400


class DataCenterJira:
    """One Jira Data Center as one account."""

    deployment = "datacenter"

    def __init__(self, http: HttpJira) -> None:
        self.http = http

    async def account(self) -> AccountInfo:
        return await who_am_i(self.http, f"{_API}/myself")

    async def projects(self) -> list[JsonObject]:
        answer = await self.http.get(f"{_API}/project", expand="lead,projectKeys", includeArchived="true")
        return [{**entry, "state": "archived" if entry.get("archived") else "live"} for entry in answer]

    async def project(self, project_id: int) -> JsonObject:
        answer: JsonObject = await self.http.get(f"{_API}/project/{project_id}", expand="projectKeys,lead")
        return answer

    async def lists(self) -> RawLists:
        users = pages(self.http, f"{_API}/user/search", "values", 1000, username=".", includeInactive="true")
        return await gathered(self.http, _API, fields=(self.http.get(f"{_API}/field"),), users=users)

    async def count(self, project_key: str) -> int | None:
        answer = await self._search(f"project = {quoted(project_key)}", 0, 1, fields=["created"])
        return int(answer["total"])

    async def sweep(self, project_key: str, state: JsonObject | None) -> SweepPage:
        """Some windows of the project at once, each a page further."""
        if state is None:
            return await self._first_windows(project_key)
        windows = [Window(*entry) for entry in state["windows"]]
        now, later = windows[:_AT_ONCE], windows[_AT_ONCE:]
        steps = await asyncio.gather(*(self._window(project_key, window) for window in now))
        rest = [left for _, left in steps if left is not None] + later
        found = [issue for issues, _ in steps for issue in issues]
        return SweepPage(Fetched(found), _state(rest), repeated=sum(window.again for window in now))

    async def _first_windows(self, project_key: str) -> SweepPage:
        jql = f"project = {quoted(project_key)} ORDER BY created ASC, key ASC"
        answer = await self._search(jql, 0, 1, fields=["created"])
        total = int(answer["total"])
        created = parse_time(answer["issues"][0]["fields"].get("created")) if answer["issues"] else None
        if created is None:
            await self.account()  # an empty answer is only believed as somebody
            return SweepPage(Fetched([]), None, total)
        # Clocks differ; what is created meanwhile is found by its change.
        end = epoch_ms(self.http.clock() + timedelta(days=1))
        whole = Window(epoch_ms(created), end)
        return SweepPage(Fetched([]), _state(split(whole, _AT_ONCE) if total > _SPLIT_ABOVE else [whole]), total)

    async def _window(self, project_key: str, window: Window) -> tuple[list[RawIssue], Window | None]:
        where = f"project = {quoted(project_key)} AND created >= {window.start} AND created < {window.end}"
        observed_at = self.http.clock()
        answer = await self._search(
            f"{where} ORDER BY created ASC, key ASC", window.offset, _PAGE, fields=["*all"], expand=["changelog"]
        )
        issues = answer["issues"]
        times = [parse_time(issue["fields"].get("created")) for issue in issues]
        page = WindowPage([epoch_ms(at) for at in times if at is not None], int(answer["total"]))
        found = await asyncio.gather(*(completed(self.http, _API, issue, observed_at, None) for issue in issues))
        return found, rest_of(window, page)

    async def ids(self, project_key: str) -> set[int]:
        window: Window | None = Window(0, epoch_ms(self.http.clock() + timedelta(days=1)))
        found: set[int] = set()
        while window is not None:
            where = f"project = {quoted(project_key)} AND created >= {window.start} ORDER BY created ASC, key ASC"
            answer = await self._search(where, window.offset, _SEEN, fields=["created"])
            found |= {int(issue["id"]) for issue in answer["issues"]}
            times = [parse_time(issue["fields"].get("created")) for issue in answer["issues"]]
            page = WindowPage([epoch_ms(at) for at in times if at is not None], int(answer["total"]))
            window = rest_of(window, page)
        return found

    async def fetch(self, ids: Collection[int]) -> Fetched:
        numbers = sorted(set(ids))
        parts = await asyncio.gather(*(self._one(number) for number in numbers))
        found = [part for part in parts if part is not None]
        missing = frozenset(number for number, part in zip(numbers, parts, strict=True) if part is None)
        return Fetched(found, missing)

    async def _one(self, number: int) -> RawIssue | None:
        observed_at = self.http.clock()
        try:
            issue = await self.http.get(f"{_API}/issue/{number}", fields="*all", expand="changelog")
        except JiraForbidden:
            return None
        except DoorMissing as error:
            if error.extra.get("status") == 404:
                return None
            raise
        return await completed(self.http, _API, issue, observed_at, None)

    async def updated_since(self, since: datetime, project_keys: Sequence[str] | None) -> list[Seen]:
        """Walks on `updated`: what changes meanwhile moves to the end and is met again there."""
        scope = "" if project_keys is None else f" AND project in ({', '.join(quoted(key) for key in project_keys)})"
        window: Window | None = Window(epoch_ms(since), epoch_ms(self.http.clock() + timedelta(days=36_500)))
        seen: dict[int, Seen] = {}
        while window is not None:
            jql = f"updated >= {window.start}{scope} ORDER BY updated ASC, key ASC"
            answer = await self._search(jql, window.offset, _SEEN, fields=["updated"])
            times = [(int(issue["id"]), parse_time(issue["fields"].get("updated"))) for issue in answer["issues"]]
            page = [Seen(number, at) for number, at in times if at is not None]
            seen |= {entry.jira_id: entry for entry in page}
            window = rest_of(window, WindowPage([epoch_ms(entry.updated) for entry in page], int(answer["total"])))
        if not seen:
            await self.account()  # an empty answer is only believed as somebody
        return list(seen.values())

    async def _search(
        self, jql: str, start: int, size: int, *, fields: Sequence[str], expand: Sequence[str] = ()
    ) -> JsonObject:
        body: dict[str, Any] = {"jql": jql, "startAt": start, "maxResults": size, "fields": list(fields)}
        answer: JsonObject = await self.http.post(f"{_API}/search", body | ({"expand": list(expand)} if expand else {}))
        return answer


def _state(windows: Sequence[Window]) -> JsonObject | None:
    left = [window for window in windows if not window.is_empty]
    return {"windows": [astuple(window) for window in left]} if left else None
