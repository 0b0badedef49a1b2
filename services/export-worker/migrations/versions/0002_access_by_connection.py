"""Files remember what their maker saw of each connection in them, no longer one value for the whole tenant."""

import hashlib
from uuid import UUID

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What `ConnectionAccess.fingerprint` says of somebody who sees all projects, no level and no class: who made a file
# before grants saw just that, and the migration of grants leaves it to every role.
PRINTS = """
UPDATE exports.jobs j SET access = found.prints FROM (
    SELECT tenant_id, export_id, string_agg(print, ' ' ORDER BY print) AS prints FROM (
        SELECT DISTINCT tenant_id, export_id, left(encode(sha256(convert_to(
            format('["%s",true,[],[],[]]', connection_id), 'UTF8')), 'hex'), 24) AS print
        FROM exports.items
    ) each_connection
    GROUP BY tenant_id, export_id
) found
WHERE j.tenant_id = found.tenant_id AND j.export_id = found.export_id
"""


def upgrade() -> None:
    _past_policies(off=True)
    op.execute(PRINTS)
    _past_policies(off=False)


def downgrade() -> None:
    _past_policies(off=True)
    for (tenant,) in op.get_bind().execute(text("SELECT DISTINCT tenant_id FROM exports.jobs")).all():
        before = hashlib.blake2b(f"{UUID(str(tenant))}\x1f".encode(), digest_size=12).hexdigest()
        op.get_bind().execute(
            text("UPDATE exports.jobs SET access = :before, rendering_key = NULL WHERE tenant_id = :tenant"),
            {"before": before, "tenant": tenant},
        )
    _past_policies(off=False)


def _past_policies(*, off: bool) -> None:
    """Owners are held by row-level security as well, but for statements about all tenants."""
    for table in ("jobs", "items"):
        op.execute(f"ALTER TABLE exports.{table} {'NO FORCE' if off else 'FORCE'} ROW LEVEL SECURITY")
