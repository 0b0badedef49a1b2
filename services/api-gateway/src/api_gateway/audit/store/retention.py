"""Deletes what is past its tenant's retention; a policy of the table lets nobody delete anything younger."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from common.db.roles import AUDIT_KEEPER
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId

# across tenants: one step of an index for each tenant that has entries, however many those are
_TENANTS = text(
    "WITH RECURSIVE found AS ("
    " (SELECT tenant_id FROM gateway.audit_entries ORDER BY tenant_id LIMIT 1)"
    " UNION ALL"
    " SELECT (SELECT e.tenant_id FROM gateway.audit_entries e WHERE e.tenant_id > found.tenant_id"
    "         ORDER BY e.tenant_id LIMIT 1) FROM found WHERE found.tenant_id IS NOT NULL)"
    " SELECT tenant_id FROM found WHERE tenant_id IS NOT NULL AND EXISTS ("
    '  SELECT 1 FROM gateway.audit_entries e WHERE e.tenant_id = found.tenant_id AND e."at" < :before)'
)
_FORGET = text(
    "DELETE FROM gateway.audit_entries WHERE tenant_id = :tenant AND entry_id IN ("
    " SELECT entry_id FROM gateway.audit_entries WHERE tenant_id = :tenant"
    '  AND "at" < now() - (SELECT gateway.audit_retention()) ORDER BY "at" LIMIT :most)'
)


async def list_tenants_with_entries_before(tx: AcrossTenantsTx, moment: datetime) -> Sequence[TenantId]:
    """Asked under the finder."""
    return [TenantId(row.tenant_id) for row in await tx.execute(_TENANTS, {"before": moment})]


async def forget_entries(tx: Tx, most: int) -> int:
    """Deletes the oldest that are past the retention; says how many."""
    await tx.execute(text(f"SET LOCAL ROLE {AUDIT_KEEPER}"))  # no tenant: the role of this transaction
    return await tx.affected(_FORGET.bindparams(tenant=tx.tenant, most=most))
