"""Lists that grow while real issues are read: whatever an issue mentions becomes a record of the site."""

from dataclasses import replace
from typing import Any

from jira_simulator.generate.people import account_id
from jira_simulator.model.catalogue import Catalogue, standard_catalogue
from jira_simulator.model.records import (
    Component,
    IssueType,
    LinkType,
    Named,
    Personality,
    Project,
    Sprint,
    Status,
    User,
    Version,
)

Raw = dict[str, Any]
_EPIC = "Epic"


class Lists:
    def __init__(self, personality: Personality) -> None:
        self._personality = personality
        self.catalogue = Catalogue(fields=standard_catalogue(personality).fields)
        self.users: dict[str, User] = {}
        self._projects: dict[int, Project] = {}
        self._versions: dict[int, dict[str, Version]] = {}
        self._components: dict[int, dict[str, Component]] = {}
        sprint = self.catalogue.field_of_kind("sprint")
        self.sprint_field = sprint.id if sprint else ""

    def user(self, raw: Raw | None) -> str | None:
        if not raw:
            return None
        number = account_id(raw["name"]) if self._personality is Personality.CLOUD else raw["key"]
        if number not in self.users:
            self.users[number] = User(
                id=number,
                name=raw["name"],
                display_name=raw["displayName"],
                email=raw.get("emailAddress"),
                active=raw.get("active", True),
                time_zone=raw.get("timeZone") or "Etc/UTC",
            )
        return number

    def nobody(self) -> str:
        found = self.user({"name": "nobody", "key": "JIRAUSER10000", "displayName": "Former user", "active": False})
        return found or ""

    def project(self, raw: Raw) -> int:
        number = int(raw["id"])
        if number not in self._projects:
            category = raw.get("projectCategory")
            named = Named(category["id"], category["name"], category.get("description") or "") if category else None
            self._projects[number] = Project(number, raw["key"], raw["name"], "", category=named)
        return number

    def finished_projects(self) -> dict[int, Project]:
        lead = next(iter(self.users), "")
        return {
            number: replace(
                project,
                lead=lead,
                versions=tuple(self._versions.get(number, {}).values()),
                components=tuple(self._components.get(number, {}).values()),
            )
            for number, project in self._projects.items()
        }

    def type(self, raw: Raw) -> str:
        level = -1 if raw.get("subtask") else 1 if raw["name"] == _EPIC else 0
        self.catalogue.types.setdefault(
            raw["id"], IssueType(raw["id"], raw["name"], level, raw.get("description") or "")
        )
        return str(raw["id"])

    def status(self, raw: Raw) -> str:
        category = (raw.get("statusCategory") or {}).get("key", "new")
        self.catalogue.statuses.setdefault(raw["id"], Status(raw["id"], raw["name"], category))
        return str(raw["id"])

    def named(self, entries: str, raw: Raw | None) -> str | None:
        if not raw:
            return None
        known: dict[str, Named] = getattr(self.catalogue, entries)
        known.setdefault(raw["id"], Named(raw["id"], raw["name"], raw.get("description") or ""))
        return str(raw["id"])

    def link_type(self, raw: Raw) -> str:
        made = LinkType(raw["id"], raw["name"], raw["inward"], raw["outward"])
        self.catalogue.link_types.setdefault(raw["id"], made)
        return str(raw["id"])

    def versions(self, project: int, raw: list[Raw] | None) -> tuple[str, ...]:
        known = self._versions.setdefault(project, {})
        for entry in raw or ():
            version = Version(
                entry["id"],
                entry["name"],
                entry.get("released", False),
                entry.get("archived", False),
                entry.get("releaseDate"),
            )
            known.setdefault(entry["id"], version)
        return tuple(entry["id"] for entry in raw or ())

    def components(self, project: int, raw: list[Raw] | None) -> tuple[str, ...]:
        known = self._components.setdefault(project, {})
        for entry in raw or ():
            known.setdefault(entry["id"], Component(entry["id"], entry["name"]))
        return tuple(entry["id"] for entry in raw or ())

    def sprints(self, raw: list[Raw | None]) -> tuple[int, ...]:
        found = []
        for entry in raw:
            if entry:
                made = Sprint(int(entry["id"]), entry["name"], entry.get("state", "closed"))
                self.catalogue.sprints.setdefault(made.id, made)
                found.append(made.id)
        return tuple(dict.fromkeys(found))
