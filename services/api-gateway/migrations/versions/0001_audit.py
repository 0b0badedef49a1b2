"""Schema gateway: the audit log, to which the service can only add; what is past its retention a keeper may delete."""

from alembic import op

from api_gateway.audit.store.tables import ACROSS_TENANTS, audit_entries
from common.db.migrating import PARTITIONS, create_table, drop_tables, open_across_tenants, protect
from common.db.roles import AUDIT_KEEPER

revision = "0001"
down_revision = None

_NAME = "gateway.audit_entries"
_NEWEST = '"at" DESC, entry_id DESC'
_INDEXES = (
    f"(tenant_id, {_NEWEST})",
    f"(tenant_id, actor_id, {_NEWEST})",
    f"(tenant_id, action, {_NEWEST})",
    f"(tenant_id, target_id, {_NEWEST})",
    # By it a consumer finds out whose a thing is, whatever tenant an event claims.
    "(target_id, tenant_id) WHERE target_kind IN ('connection', 'export', 'provider', 'grant', 'invitation')",
)

# Days that the tenant of this transaction keeps its log; never less than 30, whatever the settings say. The keeper,
# who runs it, may read the settings; whoever migrates may not, and a PL/pgSQL body is only looked at when it runs.
_RETENTION = """
CREATE FUNCTION gateway.audit_retention() RETURNS interval LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
  RETURN make_interval(days => greatest(30, coalesce((
    SELECT (settings -> 'retention' ->> 'audit_days')::int FROM auth.tenant_settings
    WHERE tenant_id = current_setting('app.tenant')::uuid), 365)));
END $$"""


def upgrade() -> None:
    create_table(op, audit_entries, partitioned=True)
    protect(op, audit_entries)
    for index in _INDEXES:
        op.execute(f"CREATE INDEX ON {_NAME} {index}")
    # The schema's owner cannot read auth's settings; the keeper, who calls the function, can.
    op.execute("SET LOCAL check_function_bodies = off")
    op.execute(_RETENTION)
    for table in (_NAME, *(f"{_NAME}_p{number}" for number in range(PARTITIONS))):
        op.execute(f"REVOKE ALL ON {table} FROM je_gateway")
    op.execute(f"GRANT SELECT, INSERT ON {_NAME} TO je_gateway")
    op.execute("GRANT USAGE ON SCHEMA gateway TO je_gateway")
    op.execute(f"GRANT USAGE ON SCHEMA gateway TO {AUDIT_KEEPER}")
    op.execute(f"GRANT SELECT, DELETE ON {_NAME} TO {AUDIT_KEEPER}")
    op.execute("REVOKE ALL ON FUNCTION gateway.audit_retention() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION gateway.audit_retention() TO {AUDIT_KEEPER}")
    op.execute(
        f"CREATE POLICY only_past_retention ON {_NAME} AS RESTRICTIVE FOR DELETE TO {AUDIT_KEEPER} "
        'USING ("at" < now() - (SELECT gateway.audit_retention()))'
    )
    for grant in ACROSS_TENANTS:
        open_across_tenants(op, grant)


def downgrade() -> None:
    drop_tables(op, (audit_entries,))
    op.execute("DROP FUNCTION gateway.audit_retention()")
