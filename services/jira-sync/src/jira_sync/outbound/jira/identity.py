"""Finds out which Jira answers at an address and whom it takes us for."""

from datetime import timedelta
from typing import Any

from jira_sync.domain.people import account_id, display_name
from jira_sync.domain.times import parse_time
from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected, NotAJira, WrongCredentials
from jira_sync.outbound.jira.http_jira import HttpJira
from jira_sync.outbound.jira.interface import AccountInfo, ServerInfo


async def server_info(http: HttpJira) -> ServerInfo:
    """`serverInfo` exists in every Jira since 5.0 and needs no rights."""
    asked = http.clock()
    try:
        info = await http.get("/rest/api/2/serverInfo")
    except (DoorMissing, JiraForbidden, JiraRejected) as error:
        raise NotAJira(detail=error.detail) from error
    if not isinstance(info, dict) or "version" not in info:
        raise NotAJira
    theirs = parse_time(info.get("serverTime"))
    skew = theirs - asked if theirs is not None else timedelta()
    cloud = str(info.get("deploymentType", "Server")).lower() == "cloud"
    return ServerInfo(
        deployment="cloud" if cloud else "datacenter",
        identity=str(info.get("baseUrl") or http.base_url).rstrip("/").lower(),
        version=str(info["version"]),
        # A few seconds are the way of the answer, not the clock.
        skew=skew if abs(skew) > timedelta(seconds=5) else timedelta(),
    )


async def who_am_i(http: HttpJira, path: str) -> AccountInfo:
    """Asks `/myself`, because a search answers 200 with less to a stranger."""
    found: Any = await http.get(path)
    identity = account_id(found)
    if identity is None or identity == "anonymous":
        raise WrongCredentials(detail="Jira takes these credentials for an anonymous guest.")
    return AccountInfo(identity, display_name(found) or identity, found.get("timeZone"))
