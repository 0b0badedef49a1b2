"""A method and a path in, the operation out, or the honest answer why there is none."""

import re
from dataclasses import dataclass

from jira_simulator.http.errors import Refused
from jira_simulator.http.operations import OPERATIONS, Operation
from jira_simulator.model.records import Personality

_VERSIONS = {
    Personality.CLOUD: {"2": 2, "3": 3, "latest": 2},
    Personality.DATACENTER: {"2": 2, "latest": 2},
}
_API = re.compile(r"/rest/api/(?P<version>[^/]+)(?P<rest>/.*)")


@dataclass(frozen=True, slots=True)
class Match:
    operation: Operation
    pattern: str
    version: int
    params: dict[str, str]


class Router:
    def __init__(self, personality: Personality) -> None:
        self._personality = personality
        own = [entry for entry in OPERATIONS if entry.only in {None, personality.value}]
        foreign = [entry for entry in OPERATIONS if entry.only not in {None, personality.value}]
        self._own = [(_compiled(entry.path), entry) for entry in own]
        self._foreign = [(_compiled(entry.path), entry) for entry in foreign]

    def find(self, method: str, path: str) -> Match:
        """A path only the other personality has is 404; one nobody built here is 501 and named."""
        version, where, prefix = 2, "/" + path, ""
        api = _API.fullmatch(path)
        if api is not None:
            versions = _VERSIONS[self._personality]
            if api["version"] not in versions:
                raise Refused(404, html="<html><body><h1>404 Not Found</h1>null for uri: " + path + "</body></html>")
            version, where, prefix = versions[api["version"]], api["rest"], f"/rest/api/{api['version']}"
        asked = "GET" if method == "HEAD" else method
        for pattern, operation in self._own:
            params = pattern.fullmatch(where)
            if params is not None and asked in operation.methods and _specific(operation, params.groupdict()):
                shown = operation.path.removeprefix("/") if operation.path.startswith("//") else operation.path
                return Match(operation, prefix + shown, version, params.groupdict())
        if any(pattern.fullmatch(where) for pattern, _ in self._foreign):
            raise Refused(404, f"null for uri: {path}")
        if path.startswith("/rest/"):
            raise Refused(501, f"The simulator does not implement {method} {path}.")
        raise Refused(404, html="<html><body><h1>404 Not Found</h1></body></html>")


def _specific(operation: Operation, params: dict[str, str]) -> bool:
    """`/issue/createmeta` and the like are resources of their own, not issues."""
    name = params.get("issue") if operation.path == "/issue/{issue}" else None
    return name is None or re.fullmatch(r"\d+|[A-Za-z][A-Za-z0-9_]*-\d+|[^a-z]+", name) is not None


def _compiled(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
