"""Everything that comes into auth by HTTP."""

from auth.accounts.inbound import invitations, ownership, pages, passwords
from auth.api_tokens.inbound import exchange, tokens
from auth.federation.inbound import providers
from auth.federation.inbound import sign_in as federation
from auth.inbound import jwks, me, sessions, sign_in, tenants, users
from auth.tenant_settings.inbound import tenant as own_tenant

ROUTERS = (
    jwks.router,
    sign_in.router,
    federation.router,
    sessions.router,
    tokens.router,
    exchange.router,
    me.router,
    users.router,
    tenants.router,
    own_tenant.router,
    ownership.router,
    invitations.router,
    passwords.router,
    pages.router,
    providers.router,
)
