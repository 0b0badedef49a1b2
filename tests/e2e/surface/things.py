"""A tenant in; the ids of what belongs to it out, by kind, and ids that look alike and never were anybody's."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from common.ids import new_id, public_id
from common.testing.system import Json
from surface.operations import Operation
from surface.tenants import Tenant, finished_export

ID = re.compile(r"\b(?!req_|evt_)([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_KEY = re.compile(r"[A-Z]+-\d+")


class Things:
    """What the owner of a tenant can name; found once, by the public API alone."""

    def __init__(self, tenant: Tenant, issue: Json) -> None:
        self.tenant = tenant
        self.issue = issue
        self._found: dict[str, list[str]] = {}

    def of(self, kind: str) -> list[str]:
        """Values of one kind, the one that has most in it first; a kind that nobody taught us is an error."""
        if kind not in self._found:
            find = FINDERS.get(kind)
            assert find is not None, f"teach me `{kind}`: how does a tenant come by one? (tests/e2e/surface/things.py)"
            self._found[kind] = find(self)
            assert self._found[kind], f"{self.tenant.slug} has no {kind}"
        return self._found[kind]

    def listed(self, path: str) -> list[str]:
        return [str(one["id"]) for one in self.tenant.owner.items(path)]


def _picture(things: Things) -> list[str]:
    files = things.tenant.owner.items(f"/issues/{things.issue['id']}/attachments")
    pictures = [str(one["id"]) for one in files if one["media_type"].startswith("image/")]
    return pictures + [str(one["id"]) for one in files if str(one["id"]) not in pictures]


def _exports(things: Things) -> list[str]:
    return [finished_export(things.tenant.owner, [things.issue["id"]]) for _ in range(2)]


def _api_token(things: Things) -> list[str]:
    body = {"name": "A machine", "scopes": ["issues:read"]}
    return [str(things.tenant.owner.ask("POST", "/auth/tokens", json=body)["id"]) for _ in range(2)]


def _invitations(things: Things) -> list[str]:
    for number in (1, 2):
        body = {"email": f"guest{number}@{things.tenant.slug}.example.com", "role": "viewer"}
        things.tenant.owner.ask("POST", "/invitations", json=body)
    return things.listed("/invitations")


def _providers(things: Things) -> list[str]:
    body = {"kind": "atlassian", "client_id": "ours", "client_secret": "ours", "site_role": "viewer"}
    for number in (1, 2):
        things.tenant.owner.ask("POST", "/identity-providers", json={**body, "name": f"Provider {number}"})
    return things.listed("/identity-providers")


FINDERS: dict[str, Callable[[Things], list[str]]] = {
    "tenant": lambda things: [things.tenant.id],
    "tenant name": lambda things: [things.tenant.id, things.tenant.slug],
    "connection": lambda things: [things.tenant.connection],
    "issue": lambda things: [things.issue["id"], things.issue["key"]],
    "attachment": _picture,
    "export": _exports,
    "user": lambda things: things.listed("/users"),
    "api token": _api_token,
    "invitation": _invitations,
    "provider": _providers,
    "provider to start": lambda things: things.of("provider"),
    "grant": lambda things: things.listed(f"/connections/{things.tenant.connection}/grants"),
    "session": lambda things: things.listed("/auth/sessions"),
}


#: A body for each operation that needs one to get as far as looking for what its path or body names.
BODIES: dict[str, Callable[[Things], Json]] = {
    "POST /api/v1/issues/search": lambda _: {"limit": 1},
    "PATCH /api/v1/connections/{connection}": lambda _: {"name": "Ours"},
    "POST /api/v1/exports": lambda things: {"source": {"issues": [things.of("issue")[0]]}},
    "POST /api/v1/connections/{connection}/grants": lambda _: {
        "subject_kind": "role",
        "subject": "viewer",
        "kind": "project",
        "value": "*",
    },
    "PATCH /api/v1/identity-providers/{provider}": lambda _: {"name": "Ours"},
    "POST /api/v1/auth/tokens/{token}/rotate": lambda _: {"overlap_hours": 24},
    "POST /api/v1/tenant/ownership": lambda things: {"user": things.of("user")[0]},
    "PATCH /api/v1/users/{user}": lambda _: {"role": "viewer"},
    "PATCH /api/v1/tenants/{tenant}": lambda _: {"name": "Ours"},
    "POST /api/v1/auth/login": lambda things: {
        "email": things.tenant.owner.email,
        "password": things.tenant.owner.password,
    },
    "POST /api/v1/auth/switch": lambda things: {"tenant": things.tenant.id},
}


#: What has to stand in the query of some operations.
_QUERY: dict[str, Callable[[Things], str]] = {"tenant": lambda things: things.tenant.slug, "state": lambda _: "none"}


def good_query(operation: Operation, things: Things) -> dict[str, str]:
    """The parameters without which an operation does nothing."""
    return {name: _QUERY[name](things) for name in operation.required_query}


def good_body(operation: Operation, things: Things) -> Json | None:
    """What this tenant would send; None where an operation takes nothing."""
    if not operation.takes_body:
        return None
    make = BODIES.get(str(operation))
    assert make is not None, f"teach me a body of `{operation}` (tests/e2e/surface/things.py)"
    return make(things)


def with_value(body: Json, pointer: str, value: str) -> Json:
    """The body with this value at `source.issues[]`, and only there."""
    head, _, rest = pointer.partition(".")
    name = head.removesuffix("[]")
    inner: Any = with_value(_object(body.get(name)), rest, value) if rest else value
    return {**body, name: [inner] if head.endswith("[]") else inner}


def _object(value: Any) -> Json:
    if isinstance(value, list):
        value = value[0] if value else {}
    return dict(value or {})


def never_like(value: str) -> str:
    """Of the same form, and nobody's: an id, a key, a slug or a cursor."""
    if ID.fullmatch(value):
        return public_id(value[:3], new_id())
    if _KEY.fullmatch(value):
        return f"ZZNEVER-{value.rpartition('-')[2]}"
    if len(value) < 40:
        return f"never-{secrets.token_hex(8)}"[: max(20, len(value))]
    return secrets.token_urlsafe(len(value))[: len(value)]
