"""Registers our address at Jira, so that it tells of changes; the secret signs every delivery."""

from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.http_jira import HttpJira

_DOOR = "/rest/webhooks/1.0/webhook"
EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "worklog_created",
    "worklog_updated",
    "worklog_deleted",
    "attachment_created",
    "attachment_deleted",
    "issuelink_created",
    "issuelink_deleted",
    "project_created",
    "project_updated",
    "project_deleted",
    "jira:version_released",
    "jira:version_unreleased",
    "jira:version_created",
    "jira:version_updated",
    "jira:version_deleted",
    "sprint_created",
    "sprint_updated",
    "sprint_started",
    "sprint_closed",
    "sprint_deleted",
)
_CLOSED = (DoorMissing, JiraForbidden, JiraRejected)


async def has_webhook(http: HttpJira, *, ref: str, url: str) -> bool:
    """Whether Jira still has our registration, enabled and with this address."""
    try:
        known = await http.get(_DOOR) or ()
    except _CLOSED:
        return False
    return any(
        hook.get("self") == ref and hook.get("url") == url and hook.get("enabled", True) is not False for hook in known
    )


async def register_webhook(http: HttpJira, *, url: str, secret: str) -> str | None:
    """The registration's own address; None when this account may not register one. An older one of ours goes."""
    try:
        for known in await http.get(_DOOR) or ():
            if known.get("url") == url:
                await remove_webhook(http, str(known["self"]))
        body = {
            "name": "Jira Export",
            "url": url,
            "events": list(EVENTS),
            "filters": {"issue-related-events-section": ""},
            "excludeBody": False,
            "secret": secret,
        }
        made = await http.post(_DOOR, body, repeatable=False)
    except _CLOSED:
        return None
    return str(made["self"])


async def remove_webhook(http: HttpJira, ref: str) -> None:
    """Takes a registration back; one that is gone already is as good."""
    _, found, number = ref.rpartition(f"{_DOOR}/")
    if not found or not number.isdigit():
        return
    try:
        await http.ask("DELETE", f"{_DOOR}/{number}", repeatable=False)
    except _CLOSED:
        return
