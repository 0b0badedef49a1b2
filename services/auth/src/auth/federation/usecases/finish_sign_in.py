"""Finishes a sign-in: what the provider's answer brought and the browser's ticket in, a session's tokens out."""

import re
from dataclasses import dataclass

from auth.app import FINDER, App
from auth.domain.accounts import Origin
from auth.domain.sign_in_steps import Proved
from auth.federation.domain.errors import IssuerMismatch, ProviderRefused, SignInUnknown
from auth.federation.domain.providers import Kind, Provider, Vouched
from auth.federation.domain.ticket import Ticket
from auth.federation.outbound.openid import CodeGrant
from auth.federation.store.providers import find_provider
from auth.federation.usecases.admit_person import admit_person
from auth.federation.usecases.begin_sign_in import callback_address
from auth.federation.usecases.provider_secrets import find_secret
from auth.store.memberships import list_places
from auth.usecases.auditing import NOBODY, audit
from auth.usecases.complete_sign_in import complete_sign_in
from auth.usecases.issue_tokens import Issued
from common.errors import AppError
from common.ids import public_id

_ERROR = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back from the provider, and to which of our addresses."""

    to: Kind
    code: str | None
    error: str | None
    issuer: str | None


async def finish_sign_in(
    app: App, ticket: Ticket, returned: Returned, origin: Origin, *, cookie: bool = False
) -> Issued:
    """Whoever is refused stands in the tenant's audit log with the reason."""
    async with app.db.uow(ticket.tenant) as tx:
        provider = await find_provider(tx, ticket.provider)
        secret = await find_secret(app, tx, ticket.provider)
    if provider is None or not provider.enabled:
        raise SignInUnknown
    try:
        vouched = await _ask(app, provider, ticket, returned, secret)
        return await _enter(app, ticket, provider, vouched, origin, cookie)
    except AppError as refused:
        await _record_refusal(app, ticket, provider, refused)
        raise


async def _ask(app: App, provider: Provider, ticket: Ticket, returned: Returned, secret: str | None) -> Vouched:
    """Nothing is sent to any provider before it is sure that this one answered."""
    if returned.to is not provider.kind:
        raise IssuerMismatch
    grant = CodeGrant(returned.code or "", ticket.verifier, ticket.nonce, callback_address(app, provider.kind), secret)
    if provider.kind is Kind.ATLASSIAN:
        _check_code(returned)
        return await app.federation.atlassian.redeem(provider, grant)
    metadata = await app.federation.openid.discovery.metadata(provider.issuer)
    if returned.issuer != provider.issuer and (returned.issuer is not None or metadata.tells_issuer):
        raise IssuerMismatch
    _check_code(returned)
    return await app.federation.openid.redeem(provider, grant, now=app.clock())


def _check_code(returned: Returned) -> None:
    if returned.error is not None or not returned.code:
        named = returned.error if returned.error and _ERROR.fullmatch(returned.error) else "no_code"
        raise ProviderRefused(extra={"provider_error": named})


async def _enter(
    app: App, ticket: Ticket, provider: Provider, vouched: Vouched, origin: Origin, cookie: bool
) -> Issued:
    account = await admit_person(app, ticket, provider, vouched)
    async with app.db.uow_for_all_tenants("sign-in by a provider finds the tenant", role=FINDER) as across:
        places = await list_places(across, account.user)
    here = [place for place in places if place.tenant.tenant == ticket.tenant]
    proved = Proved(account, (provider.kind.factor,))
    return await complete_sign_in(app, proved, here, public_id("ten", ticket.tenant), origin, cookie=cookie)


async def _record_refusal(app: App, ticket: Ticket, provider: Provider, refused: AppError) -> None:
    async with app.db.uow(ticket.tenant) as tx:
        await audit(
            tx,
            "session.refused",
            by=NOBODY,
            at=app.clock(),
            target=("provider", public_id("idp", provider.provider)),
            outcome="denied",
            reason=refused.code,
            details={"method": provider.kind.factor.value},
        )
