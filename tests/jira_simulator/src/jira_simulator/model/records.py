"""The things a Jira site knows besides issues: people, projects, statuses, fields; all immutable."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Personality(StrEnum):
    CLOUD = "cloud"
    DATACENTER = "datacenter"


@dataclass(frozen=True, slots=True)
class User:
    """`id` is the accountId on Cloud and the user key on Data Center."""

    id: str
    name: str
    display_name: str
    email: str | None
    active: bool = True
    time_zone: str = "Etc/UTC"
    locale: str = "en_US"
    account_type: str = "atlassian"


@dataclass(frozen=True, slots=True)
class Account:
    """Who a credential stands for and what that one may see."""

    user: User
    admin: bool
    sees_private: bool
    levels: frozenset[str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    category: Literal["new", "indeterminate", "done"]


@dataclass(frozen=True, slots=True)
class IssueType:
    id: str
    name: str
    level: int
    description: str = ""

    @property
    def subtask(self) -> bool:
        return self.level < 0


@dataclass(frozen=True, slots=True)
class Named:
    """A priority, resolution or security level."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class LinkType:
    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    name: str
    released: bool = False
    archived: bool = False
    release_date: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    name: str
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Sprint:
    id: int
    name: str
    state: Literal["closed", "active", "future"]
    board: int = 1
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    value: str


@dataclass(frozen=True, slots=True)
class FieldDef:
    """`kind` says how values are kept: see write/values.py. `project_only` fields miss from `/field`."""

    id: str
    name: str
    kind: str
    clauses: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    project_only: int | None = None

    @property
    def custom(self) -> bool:
        return self.id.startswith("customfield_")


@dataclass(frozen=True, slots=True)
class Project:
    id: int
    key: str
    name: str
    lead: str
    type_key: str = "software"
    category: Named | None = None
    private: bool = False
    state: Literal["live", "archived", "deleted"] = "live"
    types: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()
    components: tuple[Component, ...] = ()
    old_keys: tuple[str, ...] = ()
