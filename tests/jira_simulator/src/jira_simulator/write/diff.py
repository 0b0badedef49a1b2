"""Two versions of an issue in, the history items that lead from one to the other out."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jira_simulator.model.issue import ChangeItem, Issue
from jira_simulator.model.records import FieldDef
from jira_simulator.model.site import Site
from jira_simulator.model.times import utc_time
from jira_simulator.text.document import Text

Pair = tuple[str | None, str | None]
Show = Callable[[Site, Issue], Pair]


def diff(site: Site, old: Issue, new: Issue) -> tuple[ChangeItem, ...]:
    items = [*_single_values(site, old, new), *_lists(site, old, new)]
    if old.custom != new.custom:
        items.extend(_custom(site, old, new))
    return tuple(items)


def _text(value: Text | None) -> Pair:
    return (None, None if value is None else value.wiki())


def user_pair(site: Site, value: str | None) -> Pair:
    return (value, site.users[value].display_name) if value in site.users and value else (value, value)


def _named(entries: Any, value: str | None) -> Pair:
    return (value, entries[value].name) if value in entries and value else (value, value)


def _seconds(value: int | None) -> Pair:
    return (None, None) if value is None else (str(value), str(value))


def _day(value: str | None) -> Pair:
    return (None, None) if value is None else (value, value + " 00:00:00.0")


def _parent(site: Site, value: int | None) -> Pair:
    if value is None:
        return (None, None)
    return (str(value), site.issues[value].key if value in site.issues else str(value))


def _entry(entries: str, value: str) -> Show:
    return lambda site, issue: _named(getattr(site.catalogue, entries), getattr(issue, value))


# Name, id, attribute and how history writes its value, for every field with a single value.
_SINGLE: tuple[tuple[str, str | None, str, Show], ...] = (
    ("summary", "summary", "summary", lambda _, issue: (None, issue.summary)),
    ("description", "description", "description", lambda _, issue: _text(issue.description)),
    ("environment", "environment", "environment", lambda _, issue: _text(issue.environment)),
    ("issuetype", "issuetype", "type", _entry("types", "type")),
    ("project", "project", "project", lambda site, issue: (str(issue.project), site.projects[issue.project].name)),
    ("status", "status", "status", _entry("statuses", "status")),
    ("resolution", "resolution", "resolution", _entry("resolutions", "resolution")),
    ("priority", "priority", "priority", _entry("priorities", "priority")),
    ("assignee", "assignee", "assignee", lambda site, issue: user_pair(site, issue.assignee)),
    ("reporter", "reporter", "reporter", lambda site, issue: user_pair(site, issue.reporter)),
    ("security", "security", "security", _entry("levels", "security")),
    ("duedate", "duedate", "due", lambda _, issue: _day(issue.due)),
    ("parent", "parent", "parent", lambda site, issue: _parent(site, issue.parent)),
    (
        "timeoriginalestimate",
        "timeoriginalestimate",
        "original_estimate",
        lambda _, issue: _seconds(issue.original_estimate),
    ),
    ("timeestimate", "timeestimate", "remaining", lambda _, issue: _seconds(issue.remaining)),
    ("timespent", "timespent", "spent", lambda _, issue: _seconds(issue.spent or None)),
    ("labels", "labels", "labels", lambda _, issue: ("", " ".join(issue.labels))),
    ("Rank", None, "rank", lambda _, issue: ("", issue.rank)),
    ("Key", None, "key", lambda _, issue: (None, issue.key)),
)


def _single_values(site: Site, old: Issue, new: Issue) -> Iterator[ChangeItem]:
    for name, field_id, attribute, show in _SINGLE:
        if getattr(old, attribute) != getattr(new, attribute):
            shown = _parent_name(site) if name == "parent" else name
            yield ChangeItem(shown, field_id, *show(site, old), *show(site, new))


def _parent_name(site: Site) -> str:
    return "IssueParentAssociation" if site.cloud else "Parent"


def _gone_and_come(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    return [entry for entry in old if entry not in new], [entry for entry in new if entry not in old]


def _lists(site: Site, old: Issue, new: Issue) -> Iterator[ChangeItem]:
    names: dict[str, str] = {}
    if (
        old.components != new.components
        or old.fix_versions != new.fix_versions
        or (old.affects_versions != new.affects_versions)
    ):
        for project in (site.projects[old.project], site.projects[new.project]):
            names.update((entry.id, entry.name) for entry in project.components)
            names.update((entry.id, entry.name) for entry in project.versions)
    for name, field_id, before, after in (
        ("Component", "components", old.components, new.components),
        ("Fix Version", "fixVersions", old.fix_versions, new.fix_versions),
        ("Version", "versions", old.affects_versions, new.affects_versions),
    ):
        gone, come = _gone_and_come(before, after)
        for entry in gone:
            yield ChangeItem(name, field_id, entry, names.get(entry, entry), None, None)
        for entry in come:
            yield ChangeItem(name, field_id, None, None, entry, names.get(entry, entry))
    yield from _attachments(old, new)
    yield from _links(site, old, new)


def _attachments(old: Issue, new: Issue) -> Iterator[ChangeItem]:
    if old.attachments is new.attachments:
        return
    kept = {entry.id for entry in new.attachments}
    for entry in old.attachments:
        if entry.id not in kept:
            yield ChangeItem("Attachment", "attachment", str(entry.id), entry.name, None, None)
    known = {entry.id for entry in old.attachments}
    for entry in new.attachments:
        if entry.id not in known:
            yield ChangeItem("Attachment", "attachment", None, None, str(entry.id), entry.name)


def _links(site: Site, old: Issue, new: Issue) -> Iterator[ChangeItem]:
    if old.links is new.links:
        return
    for before, after, come in ((new.links, old.links, False), (old.links, new.links, True)):
        known = {entry.id for entry in before}
        for entry in after:
            if entry.id in known:
                continue
            kind = site.catalogue.link_types[entry.type]
            other = site.issues[entry.other].key if entry.other in site.issues else str(entry.other)
            text = f"This issue {kind.outward if entry.outward else kind.inward} {other}"
            yield ChangeItem("Link", "issuelinks", *((None, None, other, text) if come else (other, text, None, None)))


def custom_pair(site: Site, field: FieldDef, value: Any) -> Pair:
    """How history writes a custom value: the raw form and the form for people."""
    if value is None:
        return (None, None)
    if field.kind in {"option", "options"}:
        values = {option.id: option.value for option in field.options}
        if field.kind == "option":
            return (value, values.get(value, value))
        return (f"[{', '.join(value)}]", ",".join(values.get(entry, entry) for entry in value))
    if field.kind == "user":
        return user_pair(site, value)
    if field.kind == "sprint":
        names = [site.catalogue.sprints[entry].name for entry in value if entry in site.catalogue.sprints]
        return (", ".join(map(str, value)), ", ".join(names))
    if field.kind == "epic":
        return _parent(site, value)
    if isinstance(value, Text):
        return _text(value)
    text = utc_time(value) if field.kind == "datetime" else f"{value:g}" if isinstance(value, float) else str(value)
    return (text if field.kind in {"date", "datetime"} else None, text)


def _custom(site: Site, old: Issue, new: Issue) -> Iterator[ChangeItem]:
    for field_id in sorted(old.custom.keys() | new.custom.keys()):
        before, after = old.custom.get(field_id), new.custom.get(field_id)
        if before != after:
            field = site.catalogue.fields[field_id]
            was, now = custom_pair(site, field, before), custom_pair(site, field, after)
            yield ChangeItem(field.name, field_id, was[0], was[1], now[0], now[1])
