"""Invites people into a tenant, lists who is invited and takes invitations back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.accounts.domain.errors import MailOff, TooManyInvitations, TooManyMails
from auth.accounts.domain.link_tokens import INVITATION_LIFE, invitation_token
from auth.accounts.domain.mails import MAIL_LIFE, Mail, MailKind
from auth.accounts.store.invitations import (
    Invitation,
    count_invitations,
    delete_invitation,
    get_invitation,
    list_invitations,
    put_invitation,
)
from auth.accounts.usecases.post_mail import post_mail
from auth.app import App
from auth.domain.errors import AlreadyMember
from auth.domain.members import check_grant
from auth.domain.roles import Role
from auth.store.accounts import find_account, find_account_by_email
from auth.store.memberships import find_member
from auth.store.tenants import find_tenant
from auth.usecases.auditing import Doer, audit
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, UserId, new_id, public_id

#: Of one tenant at a time, so that nobody makes a cannon of mails out of it.
MOST_INVITATIONS = 1_000


@dataclass(frozen=True, slots=True)
class MailPermit:
    """Whether there are mails at all, and how long a person had enough of them."""

    works: bool
    wait: timedelta | None

    def check(self) -> None:
        if not self.works:
            raise MailOff
        if self.wait is not None:
            raise TooManyMails(retry_after=self.wait)


async def ask_permit(app: App, email: str) -> MailPermit:
    """Before any transaction, because the counting is done elsewhere; what it says counts only when a mail is due."""
    return MailPermit(app.mailer.works, await app.throttle.spare_mail(email))


async def send_invitation(app: App, tenant: TenantId, by: Doer, email: str, role: Role) -> Invitation:
    permit = await ask_permit(app, email)
    async with app.db.uow(tenant) as tx:
        check_grant(await _role_of(tx, by.user), role)
        return await invite(tx, app, by, email, role, permit=permit, now=app.clock())


async def invite(
    tx: Tx, app: App, by: Doer, email: str, role: Role, *, permit: MailPermit, now: datetime
) -> Invitation:
    """In the caller's transaction, after it is known that `by` may give this role."""
    account = await find_account_by_email(tx, email)
    if account is not None and await find_member(tx, account.user) is not None:
        raise AlreadyMember
    permit.check()
    if await count_invitations(tx) >= MOST_INVITATIONS:
        raise TooManyInvitations
    inviter = None if by.user is None else await find_account(tx, by.user)
    tenant = await find_tenant(tx, tx.tenant)
    if tenant is None:
        raise NotFound
    token = invitation_token()
    invitation = Invitation(tx.tenant, new_id(), email, role, now, by.user, now + INVITATION_LIFE)
    await put_invitation(tx, invitation, token)
    values = {
        "tenant": tenant.name,
        "inviter": inviter.name if inviter else tenant.name,
        "role": role.value,
        "until": f"{invitation.expires:%Y-%m-%d %H:%M}",
        "link": app.settings.link("invitation", token),
    }
    locale = account.locale if account else (inviter.locale if inviter else "en")
    await post_mail(tx, app, Mail(MailKind.INVITATION, email, locale, now + MAIL_LIFE, values), now=now)
    target = ("invitation", public_id("inv", invitation.invitation))
    await audit(tx, "member.invited", by=by, at=now, target=target, details={"role": role.value, "email": email})
    return invitation


async def list_all_invitations(app: App, tenant: TenantId, *, after: UUID | None, limit: int) -> Sequence[Invitation]:
    async with app.db.uow(tenant) as tx:
        return await list_invitations(tx, after=after, limit=limit)


async def count_all_invitations(app: App, tenant: TenantId) -> int:
    async with app.db.uow(tenant) as tx:
        return await count_invitations(tx)


async def revoke_invitation(app: App, tenant: TenantId, by: Doer, invitation: UUID) -> None:
    """An admin takes back what an admin could promise, an owner everything."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        found = await get_invitation(tx, invitation)
        if found is None:
            raise NotFound
        check_grant(await _role_of(tx, by.user), found.role)
        await delete_invitation(tx, invitation)
        target, details = ("invitation", public_id("inv", invitation)), {"email": found.email}
        await audit(tx, "member.invitation_revoked", by=by, at=now, target=target, details=details)


async def _role_of(tx: Tx, user: UserId | None) -> Role:
    member = None if user is None else await find_member(tx, user)
    if member is None or not member.active:
        raise NotFound
    return member.role
