"""Schema exports: jobs, frozen issues, steps, outbox, inbox, idempotency keys."""

from alembic import op

from common.db.migrating import create_feed, create_table, drop_tables, open_across_tenants, protect
from common.db.roles import relay
from export_worker.store.tables import (
    ACROSS_TENANTS,
    idempotency,
    inbox,
    items,
    jobs,
    outbox,
    relay_state,
    steps,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    for table in (jobs, items, steps, inbox, idempotency):
        create_table(op, table)
        protect(op, table)
    op.execute(
        "ALTER TABLE exports.jobs ADD CHECK (status IN "
        "('queued', 'running', 'paused', 'finished', 'finished_with_gaps', 'failed', 'cancelled', 'expired'))"
    )
    op.execute("ALTER TABLE exports.steps ADD CHECK (state IN ('open', 'done', 'dropped'))")
    # One living job per rendering: the second request for the same document finds the first one's.
    op.execute(
        "CREATE UNIQUE INDEX jobs_one_rendering ON exports.jobs (tenant_id, rendering_key) "
        "WHERE rendering_key IS NOT NULL AND status IN ('queued', 'running', 'finished', 'finished_with_gaps')"
    )
    op.execute("CREATE INDEX ON exports.jobs (tenant_id, created_at DESC, export_id)")
    op.execute("CREATE INDEX ON exports.jobs (expires_at) WHERE purged_at IS NULL")
    op.execute("CREATE INDEX ON exports.steps (runnable_at) WHERE state = 'open'")
    create_feed(op, outbox, relay_state, relay_role=relay("je_export"))
    for grant in ACROSS_TENANTS:
        open_across_tenants(op, grant)
    op.execute("GRANT USAGE ON SCHEMA exports TO je_gateway")
    op.execute("GRANT SELECT ON exports.jobs TO je_gateway")
    # The notifier asks who may subscribe to an export's channel, and nothing else.
    op.execute("GRANT USAGE ON SCHEMA exports TO je_notifier")
    op.execute("GRANT SELECT (tenant_id, export_id, access) ON exports.jobs TO je_notifier")


def downgrade() -> None:
    drop_tables(op, (outbox, relay_state, idempotency, inbox, steps, items, jobs))
