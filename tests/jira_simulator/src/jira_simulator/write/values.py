"""JSON values of fields in, a changed issue out; every refused field is named with Jira's reason."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from jira_simulator.model.catalogue import HasIdAndName, find
from jira_simulator.model.issue import Issue
from jira_simulator.model.site import Site
from jira_simulator.model.times import parse_duration
from jira_simulator.text.document import AdfText, Text, WikiText
from jira_simulator.write.custom_values import custom_value
from jira_simulator.write.errors import WriteRefused
from jira_simulator.write.refs import reference_texts

TextForm = Literal["wiki", "adf", "any"]


@dataclass(frozen=True, slots=True)
class Intake:
    """How strict to be: REST insists on objects and on its version's text form, the control doors do not."""

    site: Site
    form: TextForm
    lenient: bool

    def text(self, value: Any) -> Text | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            if self.form == "adf":
                raise ValueError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
            return WikiText(value)
        if isinstance(value, dict) and value.get("type") == "doc" and isinstance(value.get("content"), list):
            if self.form == "wiki":
                raise ValueError("Operation value must be a string")
            return AdfText(value)
        raise ValueError("Operation value must be a string or an Atlassian Document")

    def named(self, entries: Mapping[str, HasIdAndName], value: Any, what: str) -> str | None:
        if value is None:
            return None
        wanted = reference_texts(value, lenient=self.lenient)
        entry = next((found for text in wanted if (found := find(entries, text)) is not None), None)
        if entry is None:
            raise ValueError(f"The {what} selected is invalid.")
        return entry.id

    def names(self, entries: Mapping[str, HasIdAndName], value: Any, what: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError("data was not an array")  # noqa: TRY004
        found = (self.named(entries, entry, what) for entry in value)
        return tuple(dict.fromkeys(entry for entry in found if entry is not None))

    def user(self, value: Any) -> str | None:
        if value is None:
            return None
        texts = reference_texts(value, lenient=self.lenient)
        if any(text in {"", "-1"} for text in texts):
            return None
        user = next((found for text in texts if (found := self.site.find_user(text)) is not None), None)
        if user is None:
            raise ValueError("The user does not exist.")
        return user.id

    def issue_id(self, value: Any) -> int | None:
        if value is None:
            return None
        found = (self.site.find_issue(text) for text in reference_texts(value, lenient=self.lenient))
        issue = next((entry for entry in found if entry is not None), None)
        if issue is None:
            raise ValueError("Could not find issue by id or key.")
        return issue.id


def with_fields(intake: Intake, issue: Issue, fields: Mapping[str, Any]) -> Issue:
    errors: dict[str, str] = {}
    for name, value in fields.items():
        try:
            issue = _with_field(intake, issue, name, value)
        except ValueError as refused:
            errors[name] = str(refused)
    if errors:
        raise WriteRefused(errors=errors)
    return issue


def _summary(_: Intake, issue: Issue, value: Any) -> Issue:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("You must specify a summary of the issue.")
    if len(value) > 255:
        raise ValueError("Summary can't exceed 255 characters.")
    if "\n" in value or "\r" in value:
        raise ValueError("The summary is invalid because it contains newline characters.")
    return replace(issue, summary=value.strip())


def _labels(_: Intake, issue: Issue, value: Any) -> Issue:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValueError("data was not an array of strings")
    spaced = next((entry for entry in value if re.search(r"\s", entry)), None)
    if spaced is not None:
        raise ValueError(f"The label '{spaced}' contains spaces which is invalid.")
    return replace(issue, labels=tuple(sorted(set(value))))


def day(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError("Error parsing date string: " + str(value)) from None


def _time_tracking(_: Intake, issue: Issue, value: Any) -> Issue:
    if not isinstance(value, dict):
        raise ValueError("data was not an object")  # noqa: TRY004
    if "originalEstimate" in value:
        seconds = parse_duration(value["originalEstimate"])
        issue = replace(issue, original_estimate=seconds, remaining=issue.remaining or seconds)
    if "remainingEstimate" in value:
        issue = replace(issue, remaining=parse_duration(value["remainingEstimate"]))
    return issue


def _components(intake: Intake, issue: Issue, value: Any) -> Issue:
    known = {entry.id: entry for entry in intake.site.projects[issue.project].components}
    return replace(issue, components=intake.names(known, value, "component"))


def _versions(intake: Intake, issue: Issue, value: Any) -> tuple[str, ...]:
    known = {entry.id: entry for entry in intake.site.projects[issue.project].versions}
    return intake.names(known, value, "version")


def _issue_type(intake: Intake, issue: Issue, value: Any) -> Issue:
    chosen = intake.named(intake.site.catalogue.types, value, "issue type")
    if chosen is None:
        raise ValueError("The issue type selected is invalid.")
    return replace(issue, type=chosen)


_SETTERS: dict[str, Callable[[Intake, Issue, Any], Issue]] = {
    "summary": _summary,
    "labels": _labels,
    "issuetype": _issue_type,
    "timetracking": _time_tracking,
    "components": _components,
    "description": lambda intake, issue, value: replace(issue, description=intake.text(value)),
    "environment": lambda intake, issue, value: replace(issue, environment=intake.text(value)),
    "priority": lambda intake, issue, value: replace(
        issue, priority=intake.named(intake.site.catalogue.priorities, value, "priority")
    ),
    "resolution": lambda intake, issue, value: replace(
        issue, resolution=intake.named(intake.site.catalogue.resolutions, value, "resolution")
    ),
    "security": lambda intake, issue, value: replace(
        issue, security=intake.named(intake.site.catalogue.levels, value, "security level")
    ),
    "assignee": lambda intake, issue, value: replace(issue, assignee=intake.user(value)),
    "reporter": lambda intake, issue, value: replace(issue, reporter=intake.user(value)),
    "duedate": lambda _, issue, value: replace(issue, due=day(value)),
    "fixVersions": lambda intake, issue, value: replace(issue, fix_versions=_versions(intake, issue, value)),
    "versions": lambda intake, issue, value: replace(issue, affects_versions=_versions(intake, issue, value)),
    "parent": lambda intake, issue, value: replace(issue, parent=intake.issue_id(value)),
}


def _with_field(intake: Intake, issue: Issue, name: str, value: Any) -> Issue:
    setter = _SETTERS.get(name)
    if setter is not None:
        return setter(intake, issue, value)
    field = intake.site.catalogue.fields.get(name)
    if field is None and intake.lenient:
        named = [entry for entry in intake.site.catalogue.fields.values() if entry.custom and entry.name == name]
        field = named[0] if named else None
    if field is None or not field.custom:
        raise ValueError(f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
    if field.kind == "textarea":
        kept: Any = intake.text(value)
    elif field.kind == "user":
        kept = intake.user(value)
    elif field.kind == "epic":
        kept = intake.issue_id(value)
    else:
        kept = custom_value(intake.site, field, value, lenient=intake.lenient)
    if field.kind == "rank":
        return replace(issue, rank=str(value))
    custom = {**issue.custom, field.id: kept} if kept is not None else dict(issue.custom)
    if kept is None:
        custom.pop(field.id, None)
    return replace(issue, custom=custom)
