"""Reads the small lists of a site; a closed door costs only its own list and is noted as a gap."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.http_jira import HttpJira
from jira_sync.outbound.jira.interface import JsonObject, RawLists


def quoted(key: str) -> str:
    """A project key in JQL: quoted, because keys may be reserved words."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def gathered(
    http: HttpJira, api: str, *, fields: Sequence[Awaitable[Any]], users: Awaitable[list[JsonObject]]
) -> RawLists:
    """All lists at once. Fields come from several doors that know different ones: the union counts."""
    gaps: dict[str, str] = {}

    async def one(name: str, call: Awaitable[Any]) -> list[JsonObject]:
        try:
            answer = await call
        except (DoorMissing, JiraForbidden, JiraRejected) as error:
            gaps[name] = error.code
            return []
        if isinstance(answer, dict):
            answer = answer.get("issueLinkTypes") or answer.get("values") or []
        return list(answer)

    statuses, priorities, resolutions, issue_types, link_types, people, *field_lists = await asyncio.gather(
        one("statuses", http.get(f"{api}/status")),
        one("priorities", http.get(f"{api}/priority")),
        one("resolutions", http.get(f"{api}/resolution")),
        one("issue_types", http.get(f"{api}/issuetype")),
        one("link_types", http.get(f"{api}/issueLinkType")),
        one("users", users),
        *(one("fields", call) for call in fields),
    )
    union = {str(entry["id"]): entry for found in reversed(field_lists) for entry in found}
    return RawLists(
        fields=list(union.values()),
        statuses=statuses,
        priorities=priorities,
        resolutions=resolutions,
        issue_types=issue_types,
        link_types=link_types,
        users=people,
        gaps=gaps,
    )
