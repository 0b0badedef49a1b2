"""Search of both personalities: tokens and a bounded query on Cloud, offsets and a total on Data Center."""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

import orjson
from starlette.responses import Response

from jira_simulator.http.call import Call, as_number, as_texts
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.parser import parse
from jira_simulator.jql.search import Found
from jira_simulator.model.issue import Issue
from jira_simulator.shapes.issue import Cut, chosen_fields, issue_json
from jira_simulator.shapes.lists import field_schema
from jira_simulator.shapes.view import Json

TOKEN_SECONDS = 7 * 86_400
_IDS_PAGE, _FEW_FIELDS_PAGE, _MANY_FIELDS_PAGE, _HISTORY_PAGE = 5000, 1000, 100, 50
_FEW_FIELDS = 10
_CUT = Cut(comments=20, changes=20)
_DC_MOST, _DC_WINDOW = 1000, 10_000
_MOST_RECONCILED = 50

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


async def removed_search(_: Call) -> Response:
    return json_response({"errorMessages": [REMOVED], "errors": {}}, 410)


def search(call: Call, jql: str, reconcile: list[int] | None = None) -> Found:
    try:
        return call.service.searcher.search(jql, call.account, reconcile or ())
    except JqlRefused as refused:
        raise Refused(400, refused.message) from None


def _require_bound(jql: str) -> None:
    try:
        bounded = parse(jql).where is not None
    except JqlRefused as refused:
        raise Refused(400, refused.message) from None
    if not bounded:
        raise Refused(400, UNBOUNDED)


def _arguments(call: Call, lists: tuple[str, ...]) -> Json:
    """The same request by GET and POST: expand is a comma text in both."""
    if call.request.method == "POST":
        return dict(call.body())
    given: Json = {name: value for name, value in call.request.query_params.items() if name not in lists}
    given.update((name, call.texts(name)) for name in lists if call.request.query_params.getlist(name))
    return given


_CLOUD_ARGUMENTS = {
    "jql",
    "nextPageToken",
    "maxResults",
    "fields",
    "expand",
    "properties",
    "fieldsByKeys",
    "failFast",
    "reconcileIssues",
}


async def cloud_search(call: Call) -> Response:
    given = _arguments(call, ("fields", "properties", "reconcileIssues"))
    unknown = set(given) - _CLOUD_ARGUMENTS
    if unknown and call.request.method == "POST":
        raise Refused(400, f'Unrecognized field "{min(unknown)}": the request body is not valid.')
    jql = str(given.get("jql") or "")
    _require_bound(jql)
    expand = _expand(given.get("expand"))
    fields = as_texts(given.get("fields"), "fields") or ["id"]
    names = chosen_fields(call.view, fields)
    only_ids = not names and not expand
    reconcile = _reconciled(given.get("reconcileIssues"))
    found = search(call, jql, reconcile)
    start = _after_token(call, given.get("nextPageToken"), found, jql, reconcile)
    size = min(max(1, as_number(given.get("maxResults"), "maxResults", 50)), _page_ceiling(names, fields, expand))
    page = found.issues[start : start + size]
    is_last = start + size >= len(found.issues)
    shape: Json = {"issues": _issues(call, page, fields, names, expand), "isLast": is_last}
    if not is_last:
        shape["nextPageToken"] = _token(call, page[-1], found, jql, reconcile)
    if not only_ids:
        shape |= _explained(call, names, expand)
    return json_response(shape)


def _issues(call: Call, page: list[Issue], fields: list[str], names: list[str], expand: set[str]) -> list[Json]:
    if fields == ["id"] and not expand:
        return [{"id": str(issue.id)} for issue in page]
    # The index may still know issues that are gone: their ids are found, their content is not.
    there = [issue for issue in page if issue.id in call.site.issues or not names]
    return [issue_json(call.view, issue, names, expand - {"names", "schema"}, _CUT) for issue in there]


def _explained(call: Call, names: list[str], expand: set[str]) -> Json:
    known = call.site.catalogue.fields
    shape: Json = {}
    if "names" in expand:
        shape["names"] = {name: known[name].name for name in names if name in known}
    if "schema" in expand:
        shape["schema"] = {name: field_schema(known[name]) for name in names if name in known}
    return shape


def _page_ceiling(names: list[str], fields: list[str], expand: set[str]) -> int:
    """Pages are shorter than asked for when much is asked for; only bare ids fill five thousand."""
    if expand & {"changelog", "renderedFields"}:
        return _HISTORY_PAGE
    if not names:
        return _IDS_PAGE
    many = len(names) > _FEW_FIELDS or any(name.startswith("*") for name in fields)
    return _MANY_FIELDS_PAGE if many else _FEW_FIELDS_PAGE


def _expand(value: Any) -> set[str]:
    if value is None:
        return set()
    if not isinstance(value, str):
        raise Refused(400, "The value of 'expand' must be a comma-separated string.")
    return {part.strip() for part in value.split(",") if part.strip()}


def _reconciled(value: Any) -> list[int]:
    texts = as_texts(value, "reconcileIssues")
    if len(texts) > _MOST_RECONCILED or not all(text.isdigit() for text in texts):
        raise Refused(400, f"reconcileIssues takes at most {_MOST_RECONCILED} numeric issue ids.")
    return sorted({int(text) for text in texts})


def _fingerprint(call: Call, jql: str, reconcile: list[int]) -> str:
    """Jira wants the same query and the same reconcileIssues on every page."""
    account = call.account.user.id if call.account else ""
    return hashlib.sha256(orjson.dumps([jql, reconcile, account])).hexdigest()[:16]


def _token(call: Call, last: Issue, found: Found, jql: str, reconcile: list[int]) -> str:
    del found
    body = orjson.dumps([int(call.site.now() / 1000), _fingerprint(call, jql, reconcile), _frozen_row(last)])
    sign = hmac.new(call.service.signing_key, body, hashlib.sha256).digest()[:8]
    return base64.urlsafe_b64encode(sign + body).decode().rstrip("=")


def _frozen_row(issue: Issue) -> list[Any]:
    return [issue.id, issue.created, issue.updated, issue.key]


def _after_token(call: Call, token: Any, found: Found, jql: str, reconcile: list[int]) -> int:
    """Pages go on after the last row given out: by its place in the order, not by a count of rows."""
    if token is None:
        return 0
    try:
        raw = base64.urlsafe_b64decode(str(token) + "=" * (-len(str(token)) % 4))
        sign, body = raw[:8], raw[8:]
        valid = hmac.compare_digest(sign, hmac.new(call.service.signing_key, body, hashlib.sha256).digest()[:8])
        issued, fingerprint, row = orjson.loads(body) if valid else (0, "", [])
    except ValueError:
        raise Refused(400, "The provided next page token is invalid.") from None
    if not valid or fingerprint != _fingerprint(call, jql, reconcile):
        raise Refused(400, "The provided next page token is invalid.")
    if call.site.now() / 1000 - issued > TOKEN_SECONDS:
        raise Refused(400, "The provided next page token is expired.")
    return _place_after(call, row, found)


def _place_after(call: Call, row: list[Any], found: Found) -> int:
    issue_id, created, updated, key = row
    for place, issue in enumerate(found.issues):
        if issue.id == issue_id and issue.updated == updated:
            return place + 1
    # The last row has moved or gone: go on where it stood.
    known = call.site.issues.get(issue_id) or next(iter(found.issues), None)
    if known is None:
        return 0
    edge = found.key(replace(known, id=issue_id, created=created, updated=updated, key=key))
    return next((place for place, issue in enumerate(found.issues) if found.key(issue) > edge), len(found.issues))


async def approximate_count(call: Call) -> Response:
    jql = str(call.body().get("jql") or "")
    _require_bound(jql)
    return json_response({"count": len(search(call, jql).issues)})


async def datacenter_search(call: Call) -> Response:
    """The ceiling of maxResults is lowered in silence; only the answer's own maxResults tells."""
    given = _arguments(call, ("fields", "expand"))
    start = as_number(given.get("startAt"), "startAt", 0)
    size = min(as_number(given.get("maxResults"), "maxResults", 50), _DC_MOST)
    if start + size > _DC_WINDOW and start >= _DC_WINDOW:
        raise Refused(
            400,
            f"Search limit exceeded: the requested page (startAt={start}) exceeded the search platform limit of "
            "10,000. Narrow the query.",
        )
    fields = as_texts(given.get("fields"), "fields") or ["*navigable"]
    expand = {part for entry in _listed(given.get("expand")) for part in entry.split(",")}
    found = search(call, str(given.get("jql") or ""))
    names = chosen_fields(call.view, fields)
    page = [issue for issue in found.issues[start : min(start + size, _DC_WINDOW)] if issue.id in call.site.issues]
    shape: Json = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found.issues),
        "issues": [issue_json(call.view, issue, names, expand - {"names", "schema"}) for issue in page],
    }
    return json_response(shape | _explained(call, names, expand))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else as_texts(value, "expand")
