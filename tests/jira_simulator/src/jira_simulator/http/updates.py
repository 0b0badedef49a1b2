"""The `update` part of a request (add, remove, set) in, plain values of fields out."""

from typing import Any

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused
from jira_simulator.model.issue import Issue

_IDS = {"components": "components", "fixVersions": "fix_versions", "versions": "affects_versions"}


def fields_with_updates(call: Call, issue: Issue, fields: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    """A field may stand in `fields` or in `update`, not in both."""
    done = dict(fields)
    for name, operations in update.items():
        if name == "comment":
            continue
        if name in fields:
            raise Refused(400, errors={name: f"Field '{name}' cannot be set in both 'fields' and 'update'."})
        if not isinstance(operations, list):
            raise Refused(400, errors={name: "The operations must be an array."})
        value = _start(call, issue, name)
        for operation in operations:
            value = _applied(name, value, operation)
        done[name] = value
    return done


def _start(call: Call, issue: Issue, name: str) -> Any:
    if name == "labels":
        return list(issue.labels)
    if name in _IDS:
        project = call.site.projects[issue.project]
        names = {entry.id: entry.name for entry in project.components}
        names |= {entry.id: entry.name for entry in project.versions}
        return [{"id": entry, "name": names.get(entry, "")} for entry in getattr(issue, _IDS[name])]
    return None


def _applied(name: str, value: Any, operation: Any) -> Any:
    if not isinstance(operation, dict) or len(operation) != 1:
        raise Refused(400, errors={name: "Each operation must have exactly one verb."})
    verb, given = next(iter(operation.items()))
    if verb == "set":
        return given
    if verb not in {"add", "remove"} or not isinstance(value, list):
        raise Refused(400, errors={name: f"Operation '{verb}' is not supported by field '{name}'."})
    if verb == "add":
        return [*value, given]
    if isinstance(given, dict):
        return [entry for entry in value if not given.items() <= entry.items()]
    return [entry for entry in value if entry != given]
