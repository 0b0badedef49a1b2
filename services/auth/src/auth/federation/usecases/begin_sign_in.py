"""Begins a sign-in: tenant and provider in, the provider's page and what the browser has to keep out."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from auth.app import App
from auth.domain.accounts import Tenant, TenantState
from auth.domain.platform import PLATFORM
from auth.federation.domain.providers import Kind, Provider
from auth.federation.domain.return_address import checked_return_address
from auth.federation.domain.ticket import Ticket, new_ticket
from auth.federation.outbound.atlassian import SCOPES
from auth.federation.store.providers import find_provider
from auth.federation.usecases.tickets import seal_ticket
from auth.store.tenants import find_tenant, find_tenant_by_slug
from common.db.tenant_settings import settings_in
from common.errors import NotFound
from common.ids import TenantId, is_id, parse_id

#: One address for OpenID Connect; Atlassian, which names itself in no answer, has its own (ADR 0013, mix-up).
CALLBACKS = {Kind.OIDC: "/api/v1/auth/oidc/callback", Kind.ATLASSIAN: "/api/v1/auth/oidc/callback/atlassian"}


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the cookie that goes with it."""

    location: str
    cookie: str


async def begin_sign_in(app: App, tenant_ref: str, provider_id: UUID, return_to: str | None) -> Begun:
    tenant = await find_open_tenant(app, tenant_ref)
    if tenant is None:
        raise NotFound
    async with app.db.uow(tenant.tenant) as tx:
        provider = await find_provider(tx, provider_id)
        origins = (await settings_in(tx)).cors_origins
    if provider is None or not provider.enabled:
        raise NotFound
    own = app.settings.front_end_url or app.settings.public_url
    allowed = {app.settings.public_url, *origins}
    address = None if return_to is None else checked_return_address(return_to, own, allowed)
    expires = app.clock() + app.settings.federation.sign_in_life
    ticket = new_ticket(tenant.tenant, provider.provider, address, expires)
    location = await _authorization_address(app, provider, ticket)
    return Begun(location, seal_ticket(app, ticket))


async def find_open_tenant(app: App, ref: str) -> Tenant | None:
    """By slug or id; one that lets nobody in is as unknown as one that never was."""
    async with app.db.uow(PLATFORM) as tx:
        if is_id("ten", ref):
            found = await find_tenant(tx, TenantId(parse_id("ten", ref)))
        else:
            found = await find_tenant_by_slug(tx, ref)
    return found if found is not None and found.state is TenantState.ACTIVE else None


def callback_address(app: App, kind: Kind) -> str:
    return app.settings.public_url.rstrip("/") + CALLBACKS[kind]


async def _authorization_address(app: App, provider: Provider, ticket: Ticket) -> str:
    common = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback_address(app, provider.kind),
        "state": ticket.state,
    }
    if provider.kind is Kind.ATLASSIAN:
        scope = " ".join(dict.fromkeys((*SCOPES, *provider.scopes)))
        asked = {**common, "audience": "api.atlassian.com", "scope": scope, "prompt": "consent"}
        return f"{app.federation.atlassian.authorization_endpoint}?{urlencode(asked)}"
    metadata = await app.federation.openid.discovery.metadata(provider.issuer)
    scope = " ".join(dict.fromkeys(("openid", "email", "profile", *provider.scopes)))
    pkce = {"code_challenge": ticket.challenge, "code_challenge_method": "S256"}
    asked = {**common, "scope": scope, "nonce": ticket.nonce, **pkce}
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"
