"""Channel names become typed addresses; what an event reaches is told by keys that names are resolved to."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from common.ids import InvalidId, parse_id

_PROJECT_KEY = re.compile(r"[^\s:\x00-\x1f\x7f]{1,255}")
_MAX_NAME = 512


class Kind(StrEnum):
    """The six kinds of channels; nothing else exists."""

    TENANT = "tenant"
    CONNECTION = "connection"
    PROJECT = "project"
    ISSUE = "issue"
    EXPORT = "export"
    USER = "user"


class Feed(StrEnum):
    """The service whose positions an event carries; a channel hears one feed only, so its offsets have one order."""

    JIRA = "jira"
    EXPORTS = "exports"
    ACCESS = "access"


#: A channel's feed: the offsets of two feeds cannot be compared, so no channel mixes them.
FEED_OF = {
    Kind.TENANT: Feed.JIRA,
    Kind.CONNECTION: Feed.JIRA,
    Kind.PROJECT: Feed.JIRA,
    Kind.ISSUE: Feed.JIRA,
    Kind.EXPORT: Feed.EXPORTS,
    Kind.USER: Feed.EXPORTS,
}

#: What a token must allow for a kind; None = being the one is enough.
SCOPE_OF = {
    Kind.TENANT: None,
    Kind.CONNECTION: "connections:read",
    Kind.PROJECT: "issues:read",
    Kind.ISSUE: "issues:read",
    Kind.EXPORT: "exports:read",
    Kind.USER: None,
}

_PREFIX_OF = {
    Kind.TENANT: "ten",
    Kind.CONNECTION: "con",
    Kind.PROJECT: "con",
    Kind.ISSUE: "iss",
    Kind.EXPORT: "exp",
    Kind.USER: "usr",
}


class Target(NamedTuple):
    """What subscriptions and publications meet at: tenant, kind, and the ids behind a name.

    A project is its connection and Jira's numeric id, so that a renamed one goes on under both keys.
    """

    tenant: str
    kind: Kind
    ident: str
    project_id: str = ""

    @property
    def feed(self) -> Feed:
        """Whose positions this target's publications carry."""
        return FEED_OF[self.kind]


@dataclass(frozen=True)
class ChannelName:
    """A well-formed channel name."""

    kind: Kind
    ident: str
    project_key: str = ""


def parse_channel(text: str) -> ChannelName | None:
    """The address in a channel name; None when there is no such form."""
    parts = text.split(":")
    if len(text) > _MAX_NAME or parts[0] not in set(Kind):
        return None
    kind = Kind(parts[0])
    if len(parts) != (3 if kind is Kind.PROJECT else 2):
        return None
    try:
        parse_id(_PREFIX_OF[kind], parts[1])
    except InvalidId:
        return None
    if kind is not Kind.PROJECT:
        return ChannelName(kind, parts[1])
    return ChannelName(kind, parts[1], parts[2]) if _PROJECT_KEY.fullmatch(parts[2]) else None
