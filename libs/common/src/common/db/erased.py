"""What stays of an erased tenant in a service: a digest of its id, by which late events and requests are dropped."""

import hashlib

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, func, select
from sqlalchemy.dialects import postgresql

from common.db.unit_of_work import AcrossTenantsTx
from common.errors import AppError, ErrorKind, register_translations
from common.ids import TenantId


class TenantGone(AppError):
    """This tenant was deleted."""

    kind, code = ErrorKind.GONE, "tenant.gone"


register_translations({"tenant.gone": "Эта организация удалена."})


def erased_tenants_table(metadata: MetaData) -> Table:
    """Tenants that are being erased or are gone; no id, so that nothing that names the tenant stays."""
    return Table(
        "erased_tenants",
        metadata,
        Column("digest", LargeBinary, primary_key=True),
        Column("erased_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


async def note_erased(tx: AcrossTenantsTx, table: Table, tenant: TenantId) -> None:
    """From this commit on the service takes nothing for the tenant any more."""
    statement = postgresql.insert(table).values(digest=digest_of(tenant))  # no tenant: that is the point
    await tx.execute(statement.on_conflict_do_nothing())


async def is_erased(tx: AcrossTenantsTx, table: Table, tenant: TenantId) -> bool:
    """Whether the tenant is being erased or gone."""
    found = await tx.execute(select(table.c.digest).where(table.c.digest == digest_of(tenant)))  # no tenant: as above
    return found.one_or_none() is not None


async def refuse_erased(tx: AcrossTenantsTx, table: Table, tenant: TenantId) -> None:
    """Stands in transactions that make something new of a tenant; raises `TenantGone`."""
    if await is_erased(tx, table, tenant):
        raise TenantGone


def digest_of(tenant: TenantId) -> bytes:
    """Written so that Postgres can say it too: sha256('erased-tenant:' || uuid_send(tenant_id))."""
    return hashlib.sha256(b"erased-tenant:" + tenant.bytes).digest()
