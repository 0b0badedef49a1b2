"""Takes an issue of the demo tenant; shows that the owner of another tenant is answered as if it never was."""

import re
from typing import Any

import httpx

from stack.demo.connections import PublicApi
from stack.demo.progress import Step
from stack.errors import StackError

_SLUG = "neighbour"
#: Of the right form, and nobody's.
_NEVER = "iss_" + "0" * 26
_REQUEST_ID = re.compile(r"req_[0-9a-z]+")


def show_the_neighbours(api: PublicApi, env: dict[str, str], issue: dict[str, Any], step: Step) -> None:
    """The tenant reads its issue; its neighbour gets the answer for an id that never was, but for the request id."""
    step.move(1, 3, "a second tenant, with an owner of its own")
    with PublicApi(env["JIRA_EXPORT_URL"]) as operator:
        operator.log_in(env["OPERATOR_EMAIL"], env["OPERATOR_PASSWORD"])
        if _SLUG not in {tenant["slug"] for tenant in operator.items("/tenants?limit=200")}:
            owner = {"email": env["NEIGHBOUR_EMAIL"], "name": "Nadia Next", "password": env["NEIGHBOUR_PASSWORD"]}
            operator.call("POST", "/tenants", json={"name": "Neighbour", "slug": _SLUG, "owner": owner})
    own = api.call("GET", f"/issues/{issue['id']}")
    step.move(2, 3, "its owner asks for the demo tenant's issue")
    with PublicApi(env["JIRA_EXPORT_URL"]) as neighbour:
        token = neighbour.log_in(env["NEIGHBOUR_EMAIL"], env["NEIGHBOUR_PASSWORD"])
        seen = len(neighbour.items("/issues?limit=200"))
    tried, never = (_ask(env, token, ident) for ident in (issue["id"], _NEVER))
    told = _said(tried)
    if tried.status_code != httpx.codes.NOT_FOUND or told != _said(never) or seen:
        message = f"the neighbour sees {seen} issues and is answered {tried.status_code} {told} ({_said(never)})"
        raise StackError(message)
    step.end(
        f"demo reads {issue['key']}: {own.status_code}; neighbour reads it: {tried.status_code} {tried.json()['code']},"
        " the same as for an id that never was"
    )


def _ask(env: dict[str, str], token: str, ident: str) -> httpx.Response:
    url = f"{env['JIRA_EXPORT_URL']}/api/v1/issues/{ident}"
    try:
        return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)
    except httpx.HTTPError as err:
        message = f"GET {url}: {str(err) or type(err).__name__}"
        raise StackError(message) from err


def _said(answer: httpx.Response) -> str:
    return _REQUEST_ID.sub("req", answer.text)
