"""A person with the link of an invitation becomes a member: as somebody new, or as who that address belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auth.accounts.domain.errors import InvitationExpired, InvitationInvalid, NewPasswordNeeded, ProofNeeded
from auth.accounts.store.invitations import Invitation, find_invitation, take_invitation
from auth.accounts.usecases.end_everywhere import end_everywhere
from auth.app import FINDER, App
from auth.domain.accounts import Account, Origin, Tenant, TenantState
from auth.domain.errors import WrongCredentials
from auth.domain.passwords import check_new_password
from auth.store.accounts import find_account_by_email, get_or_add_account, update_account
from auth.store.tenants import find_tenant
from auth.usecases.auditing import audit, person
from auth.usecases.manage_members import join, new_account
from common.db.unit_of_work import Tx
from common.ids import UserId, public_id


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What comes with the token; `signed_in` is who sends it with a session, if anybody."""

    name: str | None
    password: str | None
    signed_in: UserId | None


@dataclass(frozen=True, slots=True)
class Joined:
    """Where somebody is a member now."""

    tenant: Tenant
    user: UserId
    role: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation that can be accepted, and what has to be asked for it."""

    invitation: Invitation
    tenant: Tenant
    account: Account | None

    @property
    def asks_new_password(self) -> bool:
        """An account whose address was never proved may have been made by somebody else: its password is set anew."""
        return self.account is None or not self.account.email_verified


async def find_offer(app: App, token: str) -> Offer:
    async with app.db.uow_for_all_tenants("an invitation finds its tenant", role=FINDER) as across:
        invitation = await find_invitation(across, token)
        if invitation is None:
            raise InvitationInvalid
        tenant = await find_tenant(across, invitation.tenant)
        account = await find_account_by_email(across, invitation.email)
    if tenant is None or tenant.state is not TenantState.ACTIVE:
        raise InvitationInvalid
    if account is not None and (account.disabled or account.operator):
        raise InvitationInvalid
    if app.clock() >= invitation.expires:
        raise InvitationExpired
    return Offer(invitation, tenant, account)


async def accept_invitation(app: App, token: str, acceptance: Acceptance, origin: Origin) -> Joined:
    offer = await find_offer(app, token)
    if offer.asks_new_password:
        fresh: Account | None = await _with_new_password(app, offer, acceptance)
    else:
        fresh = None
        await _prove(app, offer, acceptance, origin)
    now = app.clock()
    async with app.db.uow(offer.tenant.tenant) as tx:
        if not await take_invitation(tx, token):
            raise InvitationInvalid
        user = await _person(tx, offer, fresh, now=now)
        await join(tx, user, offer.invitation.role, now=now)
        by, target = person(user, offer.tenant.tenant), ("user", public_id("usr", user))
        await audit(tx, "member.joined", by=by, at=now, target=target, details={"role": offer.invitation.role.value})
    if offer.account is not None and fresh is not None:
        await end_everywhere(app, user, "password_changed")
    return Joined(offer.tenant, user, offer.invitation.role.value)


async def _with_new_password(app: App, offer: Offer, acceptance: Acceptance) -> Account:
    if acceptance.password is None:
        raise NewPasswordNeeded
    names: Sequence[str] = [offer.tenant.name, offer.tenant.slug, *([acceptance.name] if acceptance.name else [])]
    check_new_password(acceptance.password, offer.invitation.email, *names)
    account = await new_account(app, offer.invitation.email, acceptance.name, acceptance.password)
    return replace(account, email_verified=True)


async def _prove(app: App, offer: Offer, acceptance: Acceptance, origin: Origin) -> None:
    """The link alone is not enough to act for somebody who has a password: mails are forwarded and read by others."""
    account = offer.account
    if account is None or acceptance.signed_in == account.user:
        return
    if acceptance.password is None:
        raise ProofNeeded
    await app.throttle.take(account.email, origin.address)
    if not (await app.passwords.check(acceptance.password, account.password_hash)).ok:
        await app.throttle.failed(account.email, origin.address)
        raise WrongCredentials
    await app.throttle.succeeded(account.email, origin.address)


async def _person(tx: Tx, offer: Offer, fresh: Account | None, *, now: datetime) -> UserId:
    if offer.account is None and fresh is not None:
        made = await get_or_add_account(tx, fresh, now=now)
        if made.user != fresh.user:
            raise ProofNeeded  # somebody made the account in this very moment
        return made.user
    if offer.account is None:
        raise InvitationInvalid
    if fresh is not None:
        values = {"password_hash": fresh.password_hash, "email_verified_at": now}
        await update_account(tx, offer.account.user, values, now=now)
    return offer.account.user
