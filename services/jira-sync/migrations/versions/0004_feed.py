"""The change feed `jira.changes`, which is the outbox of jira-sync too, and the state of its relay."""

from alembic import op

from common.db.migrating import create_feed, drop_tables
from jira_sync.store.across_tenants import RELAY_ROLE
from jira_sync.store.tables import changes, relay_state

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

READERS = "je_gateway, je_export, je_notifier"


def upgrade() -> None:
    create_feed(op, changes, relay_state, relay_role=RELAY_ROLE)
    for number in range(8):
        op.execute(f"ALTER TABLE jira.changes_p{number} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE jira.changes_p{number} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT ON jira.changes, jira.relay_state TO {READERS}")


def downgrade() -> None:
    drop_tables(op, (changes, relay_state))
    op.execute(f"REVOKE USAGE ON SCHEMA jira FROM {RELAY_ROLE}")
