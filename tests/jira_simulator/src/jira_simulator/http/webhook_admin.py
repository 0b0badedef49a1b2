"""Registration of webhooks by an administrator: list, add, change, remove; the secret is never shown again."""

from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.evaluate import compile_node
from jira_simulator.jql.fields import Asker
from jira_simulator.jql.parser import parse
from jira_simulator.shapes.view import Json
from jira_simulator.webhooks.registry import EVENTS, Webhook

_FILTER = "issue-related-events-section"


def _shape(call: Call, hook: Webhook) -> Json:
    owner = call.site.users[hook.owner]
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": {_FILTER: hook.jql},
        "events": sorted(hook.events),
        "enabled": hook.enabled,
        "isSigned": hook.secret is not None,
        "self": f"{call.site.base_url}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdatedUser": owner.id,
        "lastUpdatedDisplayName": owner.display_name,
        "lastUpdated": hook.changed,
    }


def _found(call: Call) -> Webhook:
    wanted = call.path("id")
    hook = call.service.registry.hooks.get(int(wanted)) if wanted.isdigit() else None
    if hook is None:
        raise Refused(404, f"Webhook with id '{wanted}' does not exist.")
    return hook


async def hooks(call: Call) -> Response:
    call.admin()
    return json_response([_shape(call, hook) for hook in call.service.registry.hooks.values()])


async def hook(call: Call) -> Response:
    call.admin()
    return json_response(_shape(call, _found(call)))


def _checked(call: Call, body: dict[str, Any], number: int, secret: str | None) -> Webhook:
    parts = urlsplit(str(body.get("url") or ""))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(400, "The webhook's url must be an absolute http or https address.")
    if not str(body.get("name") or "").strip():
        raise Refused(400, "The webhook's name must not be empty.")
    events = body.get("events") or []
    unknown = sorted({str(event) for event in events} - EVENTS)
    if unknown:
        raise Refused(400, f"Unknown webhook event: {unknown[0]}")
    jql = str((body.get("filters") or {}).get(_FILTER) or "")
    _check_filter(call, jql)
    return Webhook(
        id=number,
        name=str(body["name"]),
        url=str(body["url"]),
        events=frozenset(events),
        jql=jql,
        secret=str(body["secret"]) if body.get("secret") else secret,
        exclude_body=bool(body.get("excludeBody", False)),
        enabled=bool(body.get("enabled", True)),
        owner=call.actor,
        changed=call.site.now(),
    )


def _check_filter(call: Call, jql: str) -> None:
    try:
        where = parse(jql).where
        if where is not None:
            compile_node(Asker(call.site, call.account, call.site.now()), where)
    except JqlRefused as refused:
        raise Refused(400, refused.message) from None


async def create(call: Call) -> Response:
    call.admin()
    made = _checked(call, call.body(), call.service.registry.next_id(), None)
    call.service.registry.hooks[made.id] = made
    return json_response(_shape(call, made), 201)


async def update(call: Call) -> Response:
    """What is not given stays as it was."""
    call.admin()
    old = _found(call)
    given: dict[str, Any] = {
        "name": old.name,
        "url": old.url,
        "events": sorted(old.events),
        "filters": {_FILTER: old.jql},
        "excludeBody": old.exclude_body,
        "enabled": old.enabled,
    }
    changed = _checked(call, given | call.body(), old.id, old.secret)
    call.service.registry.hooks[old.id] = changed
    return json_response(_shape(call, changed))


async def remove(call: Call) -> Response:
    call.admin()
    del call.service.registry.hooks[_found(call).id]
    return Response(status_code=204)
