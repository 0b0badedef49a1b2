"""Who belongs to a tenant, and which tenants a person may enter: rows of `auth.memberships`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects import postgresql

from auth.domain.accounts import Place, TenantState
from auth.domain.members import Member
from auth.domain.roles import Role
from auth.store.tables import memberships, tenants, users
from auth.store.tenants import tenant_of
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import UserId


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with what is shown of the person."""

    member: Member
    email: str
    name: str
    created: datetime


async def list_places(tx: AcrossTenantsTx, user: UserId) -> Sequence[Place]:
    """The tenants that a person may enter now, the one joined first at the head."""
    statement = (
        select(tenants, memberships.c.role)  # across tenants: the finder role sees all memberships
        .select_from(memberships.join(tenants, tenants.c.tenant_id == memberships.c.tenant_id))
        .where(memberships.c.user_id == user, memberships.c.active, tenants.c.state == TenantState.ACTIVE)
        .order_by(memberships.c.created_at, memberships.c.tenant_id)
    )
    return [Place(tenant_of(row), Role(row.role)) for row in await tx.execute(statement)]


async def find_member(tx: Tx, user: UserId, *, hold: bool = False) -> Member | None:
    """With `hold` the membership stays as it is until the transaction ends."""
    statement = tx.select(memberships).where(memberships.c.user_id == user)
    row = (await tx.execute(statement.with_for_update(read=True) if hold else statement)).one_or_none()
    return None if row is None else Member(UserId(row.user_id), Role(row.role), row.active, row.updated_at)


async def find_member_row(tx: Tx, user: UserId) -> MemberRow | None:
    rows = await _rows(tx, memberships.c.user_id == user)
    return rows[0] if rows else None


async def list_members(tx: Tx, *, after: UUID | None, limit: int) -> Sequence[MemberRow]:
    """In the order of the people's ids, which is the order in which they got their accounts."""
    return await _rows(tx, *([] if after is None else [memberships.c.user_id > after]), limit=limit)


async def count_active_owners(tx: Tx) -> int:
    statement = tx.select(memberships, func.count()).where(memberships.c.role == Role.OWNER, memberships.c.active)
    return int((await tx.execute(statement)).scalar_one())


async def count_members(tx: Tx) -> int:
    return int((await tx.execute(tx.select(memberships, func.count()))).scalar_one())


async def add_member(tx: Tx, user: UserId, role: Role, *, now: datetime) -> bool:
    """False when the person is a member already; nothing changes then."""
    values = {"tenant_id": tx.tenant, "user_id": user, "role": role.value, "created_at": now, "updated_at": now}
    statement = postgresql.insert(memberships).values(**values)  # the tenant is in the values
    return await tx.affected(statement.on_conflict_do_nothing()) == 1


async def update_member(tx: Tx, member: Member, *, now: datetime) -> None:
    statement = tx.update(memberships).where(memberships.c.user_id == member.user)
    await tx.execute(statement.values(role=member.role.value, active=member.active, updated_at=now))


async def remove_member(tx: Tx, user: UserId) -> None:
    await tx.execute(tx.delete(memberships).where(memberships.c.user_id == user))


async def _rows(tx: Tx, *conditions: Any, limit: int = 1) -> Sequence[MemberRow]:
    statement = (
        tx.select(memberships, memberships, users.c.email, users.c.name)
        .join(users, users.c.user_id == memberships.c.user_id)
        .where(*conditions)
        .order_by(memberships.c.user_id)
        .limit(limit)
    )
    return [_member_row(row) for row in await tx.execute(statement)]


def _member_row(row: Row[Any]) -> MemberRow:
    member = Member(UserId(row.user_id), Role(row.role), row.active)
    return MemberRow(member, row.email, row.name, row.created_at)
