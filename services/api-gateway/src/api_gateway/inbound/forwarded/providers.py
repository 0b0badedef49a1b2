"""Sign-in by other identity providers, and their administration: paths that auth owns."""

from api_gateway.inbound.forwarded.route import to_auth
from common.contracts.http import providers
from common.contracts.http.auth import SignedIn
from common.contracts.http.paging import PageParameters

_ONE = "/api/v1/identity-providers/{provider}"

PROVIDERS = (
    to_auth(
        "GET",
        "/api/v1/auth/providers",
        "How people of a tenant can sign in besides with a password",
        public=True,
        answer=providers.SignInProviderList,
        query=providers.TenantParameters,
    ),
    to_auth(
        "GET",
        "/api/v1/auth/oidc/{provider}/start",
        "Go to an identity provider's own page",
        public=True,
        status=302,
        query=providers.StartParameters,
    ),
    *(
        to_auth(
            "GET",
            path,
            summary,
            public=True,
            answer=SignedIn,
            query=providers.CallbackParameters,
            also={303: "Signed in by cookies, or refused: on to a page that says so"},
        )
        for path, summary in (
            ("/api/v1/auth/oidc/callback", "Back from an OpenID provider"),
            ("/api/v1/auth/oidc/callback/atlassian", "Back from Atlassian"),
        )
    ),
    to_auth(
        "GET",
        "/api/v1/identity-providers",
        "The identity providers of your tenant",
        scope="users:admin",
        answer=providers.IdentityProviderList,
        query=PageParameters,
    ),
    to_auth(
        "POST",
        "/api/v1/identity-providers",
        "Set up an identity provider",
        scope="users:admin",
        body=providers.NewIdentityProvider,
        status=201,
        answer=providers.IdentityProviderView,
    ),
    to_auth("GET", _ONE, "One identity provider", scope="users:admin", answer=providers.IdentityProviderView),
    to_auth(
        "PATCH",
        _ONE,
        "Change an identity provider",
        scope="users:admin",
        body=providers.IdentityProviderPatch,
        answer=providers.IdentityProviderView,
    ),
    to_auth("DELETE", _ONE, "Remove an identity provider", scope="users:admin", status=204),
)
