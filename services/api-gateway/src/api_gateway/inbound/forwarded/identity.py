"""Sign-in, sessions, people and tenants: paths that auth owns."""

from api_gateway.inbound.forwarded.route import to_auth
from common.contracts.http import auth
from common.contracts.http.paging import CountedPageParameters, PageParameters

IDENTITY = (
    to_auth("POST", "/api/v1/auth/login", "Sign in", public=True, body=auth.LoginRequest, answer=auth.SignInAnswer),
    to_auth(
        "POST",
        "/api/v1/auth/refresh",
        "Exchange a refresh token",
        public=True,
        body=auth.RefreshRequest,
        answer=auth.SignInAnswer,
    ),
    to_auth("POST", "/api/v1/auth/logout", "End the session", public=True, body=auth.LogoutRequest, status=204),
    to_auth(
        "POST",
        "/api/v1/auth/switch",
        "Enter another tenant",
        body=auth.SwitchRequest,
        answer=auth.SignInAnswer,
        signed_in=True,
    ),
    to_auth(
        "GET", "/api/v1/auth/sessions", "Your sessions", answer=auth.SessionList, signed_in=True, query=PageParameters
    ),
    to_auth("DELETE", "/api/v1/auth/sessions", "End all your other sessions", status=204, signed_in=True),
    to_auth("DELETE", "/api/v1/auth/sessions/{session}", "End one of your sessions", status=204, signed_in=True),
    to_auth("GET", "/api/v1/me", "Who you are and what you may do", answer=auth.Me, signed_in=True),
    to_auth(
        "PATCH", "/api/v1/me", "Change name, language or password", body=auth.MePatch, answer=auth.Me, signed_in=True
    ),
    to_auth(
        "GET",
        "/api/v1/users",
        "The members of your tenant",
        scope="users:read",
        answer=auth.UserList,
        query=CountedPageParameters,
        also={304: "The client has it"},
    ),
    to_auth(
        "POST",
        "/api/v1/users",
        "Add a member with a new account, or invite a person by mail",
        scope="users:admin",
        body=auth.NewUser,
        status=201,
        answer=auth.UserView,
        also={202: "Invited by mail: no password was given, or the person has an account"},
    ),
    to_auth(
        "GET",
        "/api/v1/users/{user}",
        "One member",
        scope="users:read",
        answer=auth.UserView,
        also={304: "The client has it"},
    ),
    to_auth(
        "PATCH",
        "/api/v1/users/{user}",
        "Change a member",
        scope="users:admin",
        body=auth.UserPatch,
        answer=auth.UserView,
    ),
    to_auth("DELETE", "/api/v1/users/{user}", "Remove a member", scope="users:admin", status=204),
    to_auth(
        "GET", "/api/v1/tenants", "All tenants", scope="tenants:admin", answer=auth.TenantList, query=PageParameters
    ),
    to_auth(
        "POST",
        "/api/v1/tenants",
        "Make a tenant with its owner",
        scope="tenants:admin",
        body=auth.NewTenant,
        status=201,
        answer=auth.CreatedTenant,
    ),
    to_auth("GET", "/api/v1/tenants/{tenant}", "One tenant", scope="tenants:admin", answer=auth.TenantView),
    to_auth(
        "PATCH",
        "/api/v1/tenants/{tenant}",
        "Change a tenant",
        scope="tenants:admin",
        body=auth.TenantPatch,
        answer=auth.TenantView,
    ),
    to_auth(
        "DELETE",
        "/api/v1/tenants/{tenant}",
        "Delete a tenant and all that is its own",
        scope="tenants:admin",
        status=202,
        answer=auth.TenantDeletion,
    ),
    to_auth(
        "GET",
        "/.well-known/jwks.json",
        "Public keys of access tokens",
        public=True,
        media_type="application/jwk-set+json",
        also={304: "The client has them"},
    ),
)
