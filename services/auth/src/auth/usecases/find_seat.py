"""What a person may do in the tenant of a transaction now: a person in, the seat or None out."""

from dataclasses import replace
from datetime import timedelta

from auth.domain.accounts import Place, TenantState
from auth.domain.platform import PLATFORM
from auth.domain.seats import OPERATOR_SEAT, Seat, seat_in
from auth.store.accounts import find_account
from auth.store.memberships import find_member
from auth.store.tenants import find_tenant
from common.db.tenant_settings import settings_in
from common.db.unit_of_work import Tx
from common.ids import UserId


async def find_seat(tx: Tx, user: UserId) -> Seat | None:
    """None for a disabled person, an inactive or removed member, or a tenant that is not active.

    Whoever removes the member waits for this transaction, and so meets the session that it opens or renews.
    """
    account = await find_account(tx, user)
    if account is None or account.disabled:
        return None
    if tx.tenant == PLATFORM:
        return OPERATOR_SEAT if account.operator else None
    tenant, member = await find_tenant(tx, tx.tenant), await find_member(tx, user, hold=True)
    if tenant is None or tenant.state is not TenantState.ACTIVE or member is None or not member.active:
        return None
    lasting = (await settings_in(tx)).sessions
    idle, life = timedelta(days=lasting.idle_days), timedelta(days=lasting.life_days)
    return replace(seat_in(Place(tenant, member.role)), idle=idle, life=life, as_of=member.changed)
