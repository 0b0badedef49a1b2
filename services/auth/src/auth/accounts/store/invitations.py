"""Invitations: rows of `auth.invitations`, one for each address and tenant, found by the hash of their token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.accounts.store.tables import invitations
from auth.domain.families import fingerprint
from auth.domain.roles import Role
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId, UserId


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited, where, as what, and until when."""

    tenant: TenantId
    invitation: UUID
    email: str
    role: Role
    created: datetime
    created_by: UserId | None
    expires: datetime


async def put_invitation(tx: Tx, invitation: Invitation, token: str) -> None:
    """An earlier one of the same address is replaced, and its link opens nothing any more."""
    row = {
        "email": invitation.email,
        "invitation_id": invitation.invitation,
        "role": invitation.role.value,
        "token_hash": fingerprint(token),
        "created_at": invitation.created,
        "created_by": invitation.created_by,
        "expires_at": invitation.expires,
    }
    await tx.upsert(invitations, [row], key=("email",))


async def find_invitation(tx: AcrossTenantsTx, token: str) -> Invitation | None:
    by_hash = invitations.c.token_hash == fingerprint(token)
    statement = select(invitations).where(by_hash)  # across tenants: the token does not name its tenant
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _invitation(row)


async def take_invitation(tx: Tx, token: str) -> bool:
    """Of two at once one gets it."""
    return await tx.affected(tx.delete(invitations).where(invitations.c.token_hash == fingerprint(token))) == 1


async def list_invitations(tx: Tx, *, after: UUID | None, limit: int) -> Sequence[Invitation]:
    statement = tx.select(invitations).order_by(invitations.c.invitation_id).limit(limit)
    if after is not None:
        statement = statement.where(invitations.c.invitation_id > after)
    return [_invitation(row) for row in await tx.execute(statement)]


async def count_invitations(tx: Tx) -> int:
    return int((await tx.execute(tx.select(invitations, func.count()))).scalar_one())


async def delete_invitation(tx: Tx, invitation: UUID) -> Invitation | None:
    statement = tx.delete(invitations).where(invitations.c.invitation_id == invitation).returning(invitations)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _invitation(row)


async def get_invitation(tx: Tx, invitation: UUID) -> Invitation | None:
    row = (await tx.execute(tx.select(invitations).where(invitations.c.invitation_id == invitation))).one_or_none()
    return None if row is None else _invitation(row)


async def delete_invitations_by(tx: Tx, user: UserId) -> None:
    """What somebody who may no longer invite had promised."""
    await tx.execute(tx.delete(invitations).where(invitations.c.created_by == user))


async def purge_invitations(tx: Tx, *, expired_before: datetime) -> int:
    return await tx.affected(tx.delete(invitations).where(invitations.c.expires_at < expired_before))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        tenant=TenantId(row.tenant_id),
        invitation=row.invitation_id,
        email=row.email,
        role=Role(row.role),
        created=row.created_at,
        created_by=None if row.created_by is None else UserId(row.created_by),
        expires=row.expires_at,
    )
