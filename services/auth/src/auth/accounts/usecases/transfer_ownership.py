"""An owner hands the tenant to another member and stays as its admin; both happen or neither."""

from auth.accounts.domain.errors import NotYourself
from auth.app import App
from auth.domain.errors import OwnerOnly, SessionEnded
from auth.domain.members import Member
from auth.domain.roles import Role
from auth.store.memberships import MemberRow, find_member, find_member_row, update_member
from auth.store.tenants import find_tenant
from auth.usecases.auditing import Doer, audit
from common.contracts.access import MembershipChangedV1
from common.errors import NotFound
from common.ids import TenantId, UserId, public_id


async def transfer_ownership(app: App, tenant: TenantId, by: Doer, to: UserId) -> MemberRow:
    """The tenant's row is locked as for every change of members, so that an owner is there at any moment."""
    if by.user is None:
        raise SessionEnded
    if by.user == to:
        raise NotYourself
    async with app.db.uow(tenant) as tx:
        await find_tenant(tx, tenant, lock=True)
        now = app.clock()
        mine, theirs = await find_member(tx, by.user), await find_member(tx, to)
        if mine is None or not mine.active:
            raise SessionEnded
        if mine.role is not Role.OWNER:
            raise OwnerOnly
        if theirs is None or not theirs.active:
            raise NotFound
        for member in (Member(to, Role.OWNER), Member(by.user, Role.ADMIN)):
            await update_member(tx, member, now=now)
            await tx.emit(MembershipChangedV1(user_id=public_id("usr", member.user), role=member.role.value, at=now))
        await audit(tx, "ownership.transferred", by=by, at=now, target=("user", public_id("usr", to)))
        row = await find_member_row(tx, to)
    if row is None:
        raise NotFound
    return row
