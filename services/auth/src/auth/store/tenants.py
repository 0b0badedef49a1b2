"""Tenants: rows of `auth.tenants`, the directory that itself belongs to no tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from auth.domain.accounts import Tenant, TenantState
from auth.domain.errors import SlugTaken
from auth.store.tables import tenants
from common.db.unit_of_work import AcrossTenantsTx
from common.ids import TenantId


async def add_tenant(tx: AcrossTenantsTx, tenant: TenantId, slug: str, name: str, *, now: datetime) -> bool:
    """False when the slug is taken."""
    values = {"tenant_id": tenant, "slug": slug, "name": name, "created_at": now, "updated_at": now}
    statement = postgresql.insert(tenants).values(**values)  # no tenant: the directory of tenants
    return await tx.affected(statement.on_conflict_do_nothing(index_elements=[tenants.c.slug])) == 1


async def find_tenant(tx: AcrossTenantsTx, tenant: TenantId, *, lock: bool = False) -> Tenant | None:
    """With `lock` whoever changes the tenant's members waits for whoever came first."""
    statement = select(tenants).where(tenants.c.tenant_id == tenant)  # no tenant: the directory of tenants
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None or row.state == TenantState.DELETING else tenant_of(row)


async def lock_directory(tx: AcrossTenantsTx) -> None:
    """Two installations at once make the first operator and tenant one after the other."""
    # no tenant: a lock, and no table
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('auth.directory'))"))


async def find_tenant_by_slug(tx: AcrossTenantsTx, slug: str) -> Tenant | None:
    statement = select(tenants).where(tenants.c.slug == slug)  # no tenant: the directory of tenants
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None or row.state == TenantState.DELETING else tenant_of(row)


async def list_tenants(tx: AcrossTenantsTx, *, after: UUID | None, limit: int) -> Sequence[Tenant]:
    """In the order in which they were made, which is the order of their ids."""
    statement = select(tenants).where(tenants.c.state != TenantState.DELETING)  # no tenant: the directory of tenants
    if after is not None:
        statement = statement.where(tenants.c.tenant_id > after)
    rows = await tx.execute(statement.order_by(tenants.c.tenant_id).limit(limit))
    return [tenant_of(row) for row in rows]


async def list_tenant_ids(tx: AcrossTenantsTx) -> Sequence[TenantId]:
    """All of them, deleted ones too: their old sessions have to be cleaned up as well."""
    statement = select(tenants.c.tenant_id).order_by(tenants.c.tenant_id)  # no tenant: the directory of tenants
    return [TenantId(row.tenant_id) for row in await tx.execute(statement)]


async def update_tenant(tx: AcrossTenantsTx, tenant: TenantId, values: dict[str, Any], *, now: datetime) -> None:
    statement = update(tenants).where(tenants.c.tenant_id == tenant)  # no tenant: the directory of tenants
    await tx.execute(statement.values(**values, updated_at=now))


async def rename_tenant(tx: AcrossTenantsTx, tenant: TenantId, slug: str, *, now: datetime) -> None:
    """Raises `SlugTaken`; slugs of deleted tenants stay taken."""
    try:
        await update_tenant(tx, tenant, {"slug": slug}, now=now)
    except IntegrityError:
        raise SlugTaken from None


def tenant_of(row: Row[Any]) -> Tenant:
    return Tenant(
        tenant=TenantId(row.tenant_id),
        slug=row.slug,
        name=row.name,
        state=TenantState(row.state),
        session_idle=row.session_idle,
        session_life=row.session_life,
        created=row.created_at,
    )
