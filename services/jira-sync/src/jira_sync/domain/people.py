"""A user of a Jira answer comes in; the person shown, his id and his row come out."""

from collections.abc import Mapping
from typing import Any

from common.issues.cards import Person
from jira_sync.domain.snapshot import Row


def account_id(user: Any) -> str | None:
    """Cloud's accountId, Data Center's key (names are renamed, keys are not)."""
    if not isinstance(user, Mapping):
        return None
    found = user.get("accountId") or user.get("key") or user.get("name")
    return None if found is None else str(found)


def display_name(user: Any) -> str | None:
    """What people call him; None for nobody."""
    if not isinstance(user, Mapping):
        return None
    return str(user.get("displayName") or user.get("name") or account_id(user) or "")


def person(user: Any) -> Person | None:
    """A person as shown; None for nobody."""
    found = account_id(user)
    if found is None:
        return None
    return {"id": found, "name": display_name(user) or found, "avatar_url": avatar(user)}


def avatar(user: Mapping[str, Any]) -> str | None:
    """The largest picture that Jira names."""
    urls = user.get("avatarUrls")
    return str(urls["48x48"]) if isinstance(urls, Mapping) and urls.get("48x48") else None


def user_row(user: Mapping[str, Any]) -> Row:
    """The row of jira.users; what an answer leaves out is None."""
    return {
        "account_id": account_id(user),
        "name": user.get("name"),
        "display_name": display_name(user) or "",
        "email": user.get("emailAddress") or None,
        "avatar_url": avatar(user),
        "active": bool(user.get("active", True)),
        "time_zone": user.get("timeZone"),
    }
