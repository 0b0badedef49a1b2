"""Deletions stand in the directory of tenants; whoever works for one holds a lease there."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from auth.domain.accounts import Tenant, TenantState
from auth.erasing.domain.deletion import Claimed, Deletion
from auth.store.tables import memberships, operators, sessions, tenants, users
from auth.store.tenants import tenant_of
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId


class NamedElsewhere(Exception):
    """Rows outside of the tenant name the person."""


async def begin_deletion(tx: AcrossTenantsTx, tenant: TenantId, deletion: Deletion) -> bool:
    """False when there is no such tenant, or it is being deleted already."""
    statement = update(tenants).where(  # no tenant: the directory of tenants
        tenants.c.tenant_id == tenant, tenants.c.state != TenantState.DELETING
    )
    values = {"state": TenantState.DELETING.value, "deletion": deletion.to_json(), "updated_at": deletion.asked_at}
    return await tx.affected(statement.values(values)) == 1


async def find_deletion(tx: AcrossTenantsTx, tenant: TenantId) -> tuple[Tenant, Deletion] | None:
    """The tenant and how far its deletion is; None when it is not being deleted."""
    statement = select(tenants).where(  # no tenant: the directory of tenants
        tenants.c.tenant_id == tenant, tenants.c.state == TenantState.DELETING
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else (tenant_of(row), Deletion.from_json(row.deletion, row.updated_at))


async def claim_deletion(tx: AcrossTenantsTx, lease: timedelta) -> Claimed | None:
    """Takes one that nobody works for; the database's clock decides."""
    free = or_(tenants.c.deletion_leased_until.is_(None), tenants.c.deletion_leased_until <= func.now())
    found = await tx.execute(
        select(tenants)  # no tenant: the directory of tenants
        .where(tenants.c.state == TenantState.DELETING, free)
        .order_by(tenants.c.deletion_leased_until.nulls_first())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = found.one_or_none()
    if row is None:
        return None
    tenant = TenantId(row.tenant_id)
    taken = update(tenants).where(tenants.c.tenant_id == tenant)  # no tenant: the directory of tenants
    await tx.execute(taken.values(deletion_leased_until=func.now() + lease))
    return Claimed(tenant, row.slug, Deletion.from_json(row.deletion, row.updated_at))


async def save_deletion(tx: AcrossTenantsTx, tenant: TenantId, deletion: Deletion, pause: timedelta) -> None:
    """What a round found out; the next one may begin after `pause`."""
    statement = update(tenants).where(tenants.c.tenant_id == tenant)  # no tenant: the directory of tenants
    await tx.execute(statement.values(deletion=deletion.to_json(), deletion_leased_until=func.now() + pause))


async def drop_tenant(tx: AcrossTenantsTx, tenant: TenantId) -> bool:
    """The last row of all."""
    statement = delete(tenants).where(tenants.c.tenant_id == tenant)  # no tenant: the directory of tenants
    return await tx.affected(statement) == 1


async def list_people(tx: Tx, limit: int) -> Sequence[UUID]:
    """Members that are still there."""
    found = await tx.execute(tx.select(memberships, memberships.c.user_id).limit(limit))
    return [row.user_id for row in found]


async def find_elsewhere(tx: AcrossTenantsTx, people: Sequence[UUID], tenant: TenantId) -> set[UUID]:
    """Those of them who are something outside of this tenant: a member, an operator, or somebody signed in."""
    member = select(memberships.c.user_id).where(  # across tenants: people may belong to several
        memberships.c.user_id.in_(people), memberships.c.tenant_id != tenant
    )
    signed_in = select(sessions.c.user_id).where(  # across tenants: as above
        sessions.c.user_id.in_(people), sessions.c.tenant_id != tenant
    )
    operator = select(operators.c.user_id).where(operators.c.user_id.in_(people))  # no tenant: people
    found = await tx.execute(member.union(signed_in, operator))
    return {row.user_id for row in found}


async def remove_person(tx: Tx, person: UUID, *, wholly: bool) -> None:
    """The membership goes, and with `wholly` the person too; `NamedElsewhere` takes both back."""
    await tx.execute(tx.delete(memberships).where(memberships.c.user_id == person))
    if not wholly:
        return
    try:
        await tx.execute(delete(users).where(users.c.user_id == person))  # no tenant: people
    except IntegrityError:
        raise NamedElsewhere from None
