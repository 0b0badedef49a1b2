"""The issues of a fixture in, issues of the simulator out; names become the ids of the site's lists."""

from typing import Any

from jira_simulator.model.catalogue import find
from jira_simulator.model.issue import Attachment, Change, ChangeItem, Comment, Issue, Worklog
from jira_simulator.model.records import FieldDef
from jira_simulator.model.site import Site
from jira_simulator.model.times import parse_time
from jira_simulator.text.document import Text, WikiText

_FIRST_CHILD = 500_000
_LISTS = {"status": "statuses", "priority": "priorities", "resolution": "resolutions"}


def _ms(text: str | None) -> int | None:
    return None if text is None else parse_time(text)


def _text(source: str | None) -> Text | None:
    return None if source is None else WikiText(source)


class FixtureIssues:
    def __init__(self, site: Site, raw: list[dict[str, Any]]) -> None:
        self._site = site
        self._raw = raw
        self._child = _FIRST_CHILD
        self.numbers = {entry["key"]: int(entry["id"]) for entry in raw}

    def issues(self) -> list[Issue]:
        return [self._issue(entry) for entry in self._raw]

    def _next(self) -> int:
        self._child += 1
        return self._child

    def _id(self, entries: str, name: str | None) -> str | None:
        """A status may be called by a name it had earlier; such a name stands for itself."""
        found = None if name is None else find(getattr(self._site.catalogue, entries), name)
        return name if found is None else str(found.id)

    def _issue(self, raw: dict[str, Any]) -> Issue:
        project = self._site.find_project(raw["project"])
        if project is None:
            raise ValueError(f"{raw['key']}: the project {raw['project']} is not in the fixture")
        versions = {entry.name: entry.id for entry in project.versions}
        components = {entry.name: entry.id for entry in project.components}
        return Issue(
            id=int(raw["id"]),
            key=raw["key"],
            project=project.id,
            type=self._id("types", raw["type"]) or "",
            summary=raw["summary"],
            status=self._id("statuses", raw["status"]) or "",
            creator=raw["creator"],
            created=parse_time(raw["created"]),
            updated=parse_time(raw["updated"]),
            reporter=raw["reporter"],
            assignee=raw["assignee"],
            priority=self._id("priorities", raw["priority"]),
            resolution=self._id("resolutions", raw["resolution"]),
            resolved=_ms(raw["resolutiondate"]),
            due=raw["duedate"],
            labels=tuple(raw["labels"]),
            components=tuple(components[name] for name in raw["components"]),
            fix_versions=tuple(versions[name] for name in raw["fixVersions"]),
            affects_versions=tuple(versions[name] for name in raw["affectedVersions"]),
            parent=None if raw["parent"] is None else self.numbers[raw["parent"]],
            security=self._id("levels", raw["securityLevel"]),
            description=_text(raw["description"]),
            environment=_text(raw["environment"]),
            original_estimate=raw["timeoriginalestimate"],
            remaining=raw["timeestimate"],
            rank=raw["rank"],
            custom=self._custom(raw),
            comments=tuple(self._comment(entry) for entry in raw["comments"]),
            worklogs=tuple(self._worklog(entry) for entry in raw["worklogs"]),
            changes=self._changes(raw["changelog"]),
            attachments=self._attachments(raw),
            voters=tuple(raw["voters"]),
            watchers=tuple(raw["watchers"]),
        )

    def _custom(self, raw: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._site.catalogue.fields.values():
            if field.kind == "sprint" and raw["sprints"]:
                values[field.id] = tuple(raw["sprints"])
            given = raw["customfields"].get(f"cf[{field.id.rpartition('_')[2]}]") if field.custom else None
            if given is not None:
                values[field.id] = _custom_value(field, given)
        return values

    def _comment(self, raw: dict[str, Any]) -> Comment:
        at = parse_time(raw["created"])
        return Comment(self._next(), raw["author"], WikiText(raw["body"]), at, at, raw["author"])

    def _worklog(self, raw: dict[str, Any]) -> Worklog:
        at = parse_time(raw["started"])
        return Worklog(self._next(), raw["author"], _text(raw.get("comment")), at, raw["seconds"], at, at)

    def _changes(self, raw: list[dict[str, Any]]) -> tuple[Change, ...]:
        """Changes of one moment and author are one entry, as in Jira."""
        grouped: dict[tuple[str, str], list[ChangeItem]] = {}
        for entry in sorted(raw, key=lambda change: change["at"]):
            before, after = self._changed(entry, entry["from"]), self._changed(entry, entry["to"])
            field_id = "fixVersions" if entry["field"] == "fixVersion" else entry["field"]
            name = "Fix Version" if entry["field"] == "fixVersion" else entry["field"]
            item = ChangeItem(name, field_id, before, entry["from"], after, entry["to"])
            grouped.setdefault((entry["at"], entry["by"]), []).append(item)
        return tuple(Change(self._next(), by, parse_time(at), tuple(items)) for (at, by), items in grouped.items())

    def _changed(self, entry: dict[str, Any], name: str | None) -> str | None:
        return self._id(_LISTS[entry["field"]], name) if entry["field"] in _LISTS else name

    def _attachments(self, raw: dict[str, Any]) -> tuple[Attachment, ...]:
        at = parse_time(raw["created"])
        return tuple(
            Attachment(self._next(), f"attachment-{n + 1}.png", raw["creator"], at, "image/png", f"png:{n}")
            for n in range(raw["attachments"])
        )


def _custom_value(field: FieldDef, given: Any) -> Any:
    if field.kind in {"option", "options"}:
        ids = {option.value: option.id for option in field.options}
        return ids[given] if field.kind == "option" else tuple(ids[value] for value in given)
    if field.kind == "datetime":
        return parse_time(given)
    # Cascading lists are kept as their path, which the simulator's REST answers as a text.
    return " - ".join(given) if isinstance(given, list) else given
