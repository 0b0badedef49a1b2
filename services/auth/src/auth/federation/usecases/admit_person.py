"""Lets a person in whom a provider vouches for: links, joins or creates in one transaction; the account comes out."""

from datetime import datetime

from auth.app import App
from auth.domain.accounts import Account
from auth.domain.errors import NoMembership
from auth.domain.roles import Role
from auth.federation.domain.admission import Create, Enter, Join, Known, Link, admit
from auth.federation.domain.errors import SignInRepeated
from auth.federation.domain.providers import Provider, Vouched
from auth.federation.domain.ticket import Ticket
from auth.federation.store.connected_sites import list_connected_sites
from auth.federation.store.identities import find_linked_user, link_identity, touch_identity, use_up
from auth.store.accounts import find_account, find_account_by_email, get_or_add_account
from auth.store.memberships import find_member
from auth.store.tenants import find_tenant
from auth.usecases.auditing import SYSTEM, audit
from auth.usecases.manage_members import join
from common.db.unit_of_work import Tx
from common.ids import UserId, new_id, public_id


async def admit_person(app: App, ticket: Ticket, provider: Provider, vouched: Vouched) -> Account:
    now = app.clock()
    async with app.db.uow(ticket.tenant) as tx:
        if not await use_up(tx, ticket.state, expires=ticket.expires):
            raise SignInRepeated
        known = await _known(tx, provider, vouched)
        decision = admit(provider.rules, vouched, known)
        match decision:
            case Enter(user):
                await touch_identity(tx, vouched.issuer, vouched.subject, now=now)
            case Link(user):
                await link_identity(tx, vouched.issuer, vouched.subject, user, now=now)
            case Join(user, role):
                await touch_identity(tx, vouched.issuer, vouched.subject, now=now)
                await _join(tx, provider, user, role, now)
            case Create(email, name, role):
                user = await _create(tx, email, name, now)
                await link_identity(tx, vouched.issuer, vouched.subject, user, now=now)
                await _join(tx, provider, user, role, now)
        account = await find_account(tx, user)
    if account is None:
        raise NoMembership
    return account


async def _known(tx: Tx, provider: Provider, vouched: Vouched) -> Known:
    """Whoever comes for the first time waits for others who do, so that two windows make one person."""
    linked = await find_linked_user(tx, vouched.issuer, vouched.subject)
    if linked is None:
        await find_tenant(tx, tx.tenant, lock=True)
        linked = await find_linked_user(tx, vouched.issuer, vouched.subject)
    account = None
    if linked is not None:
        account = await find_account(tx, linked)
    elif vouched.email is not None and vouched.email_verified:
        account = await find_account_by_email(tx, vouched.email)
    member = None if account is None else await find_member(tx, account.user)
    sites = await list_connected_sites(tx) if provider.rules.site_role is not None else frozenset()
    return Known(account, linked is not None, member, sites)


async def _create(tx: Tx, email: str, name: str, now: datetime) -> UserId:
    """An account that appeared meanwhile in another tenant is nobody's to link: as if it had been there before."""
    new = Account(UserId(new_id()), email, name, "en", None, disabled=False, operator=False)
    if (await get_or_add_account(tx, new, now=now)).user != new.user:
        raise NoMembership
    return new.user


async def _join(tx: Tx, provider: Provider, user: UserId, role: Role, now: datetime) -> None:
    await join(tx, user, role, now=now)
    details = {"role": role.value, "provider": public_id("idp", provider.provider)}
    await audit(tx, "member.joined", by=SYSTEM, at=now, target=("user", public_id("usr", user)), details=details)
