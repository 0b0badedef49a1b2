"""The caller's own tenant and its settings: paths that auth owns."""

from api_gateway.inbound.forwarded.route import to_auth
from common.contracts.http import auth, invitations
from common.contracts.http import tenant_settings as settings
from common.contracts.http.paging import PageParameters

OWN_TENANT = (
    to_auth("GET", "/api/v1/tenant", "Your tenant and its settings", answer=settings.OwnTenant, signed_in=True),
    to_auth(
        "PATCH",
        "/api/v1/tenant",
        "Change name, slug or settings of your tenant; needs If-Match",
        scope="tenant:admin",
        body=settings.TenantChange,
        answer=settings.OwnTenant,
    ),
    to_auth(
        "GET",
        "/api/v1/tenant/versions",
        "What each version of the settings changed",
        scope="tenant:admin",
        answer=settings.SettingsVersionList,
        query=PageParameters,
    ),
    to_auth(
        "POST",
        "/api/v1/tenant/ownership",
        "Make another member owner; you stay as admin",
        scope="users:admin",
        body=invitations.OwnershipTransfer,
        answer=auth.UserView,
    ),
)
