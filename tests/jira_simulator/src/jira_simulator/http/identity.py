"""Who and what: serverInfo, myself, session, permissions, users."""

from datetime import UTC, datetime

from starlette.responses import Response

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import asked_page
from jira_simulator.model.records import User
from jira_simulator.shapes.lists import user_json
from jira_simulator.shapes.view import Json

_PERMISSIONS = (
    ("BROWSE_PROJECTS", "Browse Projects", "PROJECT", False),
    ("CREATE_ISSUES", "Create Issues", "PROJECT", False),
    ("EDIT_ISSUES", "Edit Issues", "PROJECT", False),
    ("ADD_COMMENTS", "Add Comments", "PROJECT", False),
    ("TRANSITION_ISSUES", "Transition Issues", "PROJECT", False),
    ("WORK_ON_ISSUES", "Work On Issues", "PROJECT", False),
    ("CREATE_ATTACHMENTS", "Create Attachments", "PROJECT", False),
    ("DELETE_ISSUES", "Delete Issues", "PROJECT", True),
    ("MOVE_ISSUES", "Move Issues", "PROJECT", True),
    ("SET_ISSUE_SECURITY", "Set Issue Security", "PROJECT", True),
    ("ADMINISTER", "Administer Jira", "GLOBAL", True),
    ("BULK_CHANGE", "Bulk Change", "GLOBAL", True),
)


async def server_info(call: Call) -> Response:
    site = call.site
    version = "1001.0.0-SNAPSHOT" if site.cloud else "10.3.5"
    numbers = [1001, 0, 0] if site.cloud else [10, 3, 5]
    shape: Json = {
        "baseUrl": site.base_url,
        "version": version,
        "versionNumbers": numbers,
        "deploymentType": "Cloud" if site.cloud else "Server",
        "buildNumber": 100_290 if site.cloud else 10_030_005,
        "buildDate": call.view.time(1_774_000_000_000),
        "serverTime": call.view.time(site.now()),
        "scmInfo": "simulated",
        "serverTitle": "Jira Simulator",
    }
    if site.cloud:
        shape |= {"displayUrl": site.base_url, "serverTimeZone": site.time_zone}
    return json_response(shape)


async def myself(call: Call) -> Response:
    return json_response(user_json(call.view, call.login().user, full=True))


async def session(call: Call) -> Response:
    user = call.login().user
    now = datetime.now(UTC)
    info = {"failedLoginCount": 0, "loginCount": 1, "lastLoginTime": f"{now:%Y-%m-%dT%H:%M:%S}.000+0000"}
    return json_response({"self": f"{call.view.api}/user?username={user.name}", "name": user.name, "loginInfo": info})


async def my_permissions(call: Call) -> Response:
    """Cloud insists on naming the permissions; Data Center lists all of them."""
    wanted = call.texts("permissions")
    if call.cloud and not wanted:
        raise Refused(400, "The 'permissions' query parameter is required.")
    known = {key for key, _, _, _ in _PERMISSIONS}
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise Refused(400, f"Unrecognized permission: {unknown[0]}")
    shape = {}
    for number, (key, name, kind, admins) in enumerate(_PERMISSIONS):
        if wanted and key not in wanted:
            continue
        have = call.account is not None and (call.account.admin or not admins)
        entry = {"id": str(number), "key": key, "name": name, "type": kind, "description": name}
        shape[key] = entry | {"havePermission": have}
    return json_response({"permissions": shape})


def _wanted_user(call: Call) -> User | None:
    if call.cloud:
        if not call.text("accountId"):
            raise Refused(400, "The query parameter 'accountId' must be provided.")
        return call.site.users.get(call.text("accountId"))
    name, key = call.text("username"), call.text("key")
    if not name and not key:
        raise Refused(404, "The username or the user key must be provided.")
    return next((u for u in call.site.users.values() if name.lower() == u.name.lower() or key == u.id), None)


async def user(call: Call) -> Response:
    call.login()
    found = _wanted_user(call)
    if found is None:
        wanted = call.text("accountId") or call.text("username") or call.text("key")
        raise Refused(404, "Specified user does not exist or you do not have required permissions: " + wanted)
    return json_response(user_json(call.view, found, full=True))


async def all_users(call: Call) -> Response:
    """Everybody, people who left included."""
    call.login()
    start, size = asked_page(call, 50, 1000)
    users = list(call.site.users.values())[start : start + size]
    return json_response([user_json(call.view, entry) for entry in users])


async def search_users(call: Call) -> Response:
    call.login()
    query = call.text("query" if call.cloud else "username").casefold()
    if not query:
        parameter = "query" if call.cloud else "username"
        raise Refused(400, f"The {parameter} query parameter was not provided.")
    start, size = asked_page(call, 50, 1000)
    found = [
        entry
        for entry in call.site.users.values()
        if (entry.active or call.flag("includeInactive"))
        and (
            query == "."
            or any(query in text.casefold() for text in (entry.name, entry.display_name, entry.email or ""))
        )
    ]
    return json_response([user_json(call.view, entry) for entry in found[start : start + size]])


async def users_by_id(call: Call) -> Response:
    call.login()
    wanted = call.request.query_params.getlist("accountId")
    if not wanted:
        raise Refused(400, "The query parameter 'accountId' must be provided.")
    start, size = asked_page(call, 10, 200)
    found = [call.site.users[entry] for entry in wanted if entry in call.site.users]
    values = [user_json(call.view, entry) for entry in found[start : start + size]]
    last = start + size >= len(found)
    return json_response({"startAt": start, "maxResults": size, "total": len(found), "isLast": last, "values": values})
