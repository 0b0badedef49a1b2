"""The public paths that other services own: what the API description says of them, and whom they go to."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from api_gateway.outbound.peers import Peer
from common.contracts.http import auth, connections, exports

Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class ForwardedRoute:
    """One method of one path; the gateway checks the `scope` unless it is `checked_by_owner`."""

    method: Method
    path: str
    peer: Peer
    summary: str
    scope: str | None = None
    checked_by_owner: bool = False
    body: type[BaseModel] | None = None
    status: int = 200
    answer: type[BaseModel] | None = None
    media_type: str | None = None


def _auth(
    method: Method,
    path: str,
    summary: str,
    *,
    scope: str | None = None,
    public: bool = False,
    body: type[BaseModel] | None = None,
    status: int = 200,
    answer: type[BaseModel] | None = None,
) -> ForwardedRoute:
    """Auth asks its own table whether a session still runs, so it is left to it."""
    return ForwardedRoute(method, path, Peer.AUTH, summary, scope, not public, body, status, answer)


AUTH = (
    _auth("POST", "/api/v1/auth/login", "Sign in", public=True, body=auth.LoginRequest, answer=auth.SignedIn),
    _auth(
        "POST",
        "/api/v1/auth/refresh",
        "Exchange a refresh token",
        public=True,
        body=auth.RefreshRequest,
        answer=auth.SignedIn,
    ),
    _auth("POST", "/api/v1/auth/logout", "End the session", public=True, body=auth.LogoutRequest, status=204),
    _auth("POST", "/api/v1/auth/switch", "Enter another tenant", body=auth.SwitchRequest, answer=auth.SignedIn),
    _auth("GET", "/api/v1/auth/sessions", "Your sessions", answer=auth.SessionList),
    _auth("DELETE", "/api/v1/auth/sessions", "End all your other sessions", status=204),
    _auth("DELETE", "/api/v1/auth/sessions/{session}", "End one of your sessions", status=204),
    _auth("GET", "/api/v1/me", "Who you are and what you may do", answer=auth.Me),
    _auth("PATCH", "/api/v1/me", "Change name, language or password", body=auth.MePatch, answer=auth.Me),
    _auth("GET", "/api/v1/users", "The members of your tenant", scope="users:admin", answer=auth.UserList),
    _auth(
        "POST",
        "/api/v1/users",
        "Add a member",
        scope="users:admin",
        body=auth.NewUser,
        status=201,
        answer=auth.UserView,
    ),
    _auth("GET", "/api/v1/users/{user}", "One member", scope="users:admin", answer=auth.UserView),
    _auth(
        "PATCH",
        "/api/v1/users/{user}",
        "Change a member",
        scope="users:admin",
        body=auth.UserPatch,
        answer=auth.UserView,
    ),
    _auth("DELETE", "/api/v1/users/{user}", "Remove a member", scope="users:admin", status=204),
    _auth("GET", "/api/v1/tenants", "All tenants", scope="tenants:admin", answer=auth.TenantList),
    _auth(
        "POST",
        "/api/v1/tenants",
        "Make a tenant with its owner",
        scope="tenants:admin",
        body=auth.NewTenant,
        status=201,
        answer=auth.CreatedTenant,
    ),
    _auth("GET", "/api/v1/tenants/{tenant}", "One tenant", scope="tenants:admin", answer=auth.TenantView),
    _auth(
        "PATCH",
        "/api/v1/tenants/{tenant}",
        "Change a tenant",
        scope="tenants:admin",
        body=auth.TenantPatch,
        answer=auth.TenantView,
    ),
    _auth("DELETE", "/api/v1/tenants/{tenant}", "Remove a tenant", scope="tenants:admin", status=204),
    _auth("GET", "/.well-known/jwks.json", "Public keys of access tokens", public=True),
)

_ADMIN = "connections:admin"
_CONNECTION = "/api/v1/connections/{connection}"

CONNECTIONS = (
    ForwardedRoute(
        "POST",
        "/api/v1/connections",
        Peer.JIRA_SYNC,
        "Connect a Jira",
        _ADMIN,
        body=connections.ConnectionRequest,
        status=201,
        answer=connections.ConnectionBody,
    ),
    ForwardedRoute(
        "PATCH",
        _CONNECTION,
        Peer.JIRA_SYNC,
        "Change a connection",
        _ADMIN,
        body=connections.ConnectionPatch,
        answer=connections.ConnectionBody,
    ),
    ForwardedRoute("DELETE", _CONNECTION, Peer.JIRA_SYNC, "Delete a connection and its mirror", _ADMIN, status=204),
    ForwardedRoute(
        "POST",
        f"{_CONNECTION}/test",
        Peer.JIRA_SYNC,
        "Ask Jira whether the credentials still hold",
        _ADMIN,
        answer=connections.ConnectionTestBody,
    ),
    ForwardedRoute(
        "POST",
        f"{_CONNECTION}/sync",
        Peer.JIRA_SYNC,
        "Look for changes now",
        _ADMIN,
        status=202,
        answer=connections.SyncStateBody,
    ),
)

_EXPORT = "/api/v1/exports/{export}"

EXPORTS = (
    ForwardedRoute(
        "POST",
        "/api/v1/exports",
        Peer.EXPORT_WORKER,
        "Ask for an export",
        "exports:create",
        body=exports.ExportRequest,
        status=202,
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "DELETE",
        _EXPORT,
        Peer.EXPORT_WORKER,
        "Cancel an export",
        "exports:create",
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "POST",
        f"{_EXPORT}/resume",
        Peer.EXPORT_WORKER,
        "Go on with an export",
        "exports:create",
        status=202,
        answer=exports.ExportBody,
    ),
    ForwardedRoute(
        "GET",
        f"{_EXPORT}/content",
        Peer.EXPORT_WORKER,
        "The file of an export",
        "exports:read",
        media_type="application/pdf",
    ),
    ForwardedRoute(
        "GET",
        f"{_EXPORT}/manifest",
        Peer.EXPORT_WORKER,
        "What an export has, and what not",
        "exports:read",
        answer=exports.ManifestBody,
    ),
    ForwardedRoute(
        "GET",
        "/api/v1/issues/{issue}/pdf",
        Peer.EXPORT_WORKER,
        "An issue as a PDF",
        "issues:read",
        media_type="application/pdf",
    ),
)

FORWARDED = (*AUTH, *CONNECTIONS, *EXPORTS)
