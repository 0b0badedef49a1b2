"""The tables that only jira-sync sees (schema `jira_private`), and the change feed of schema `jira`."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from common.db.data_keys import data_keys_table
from common.db.erased import erased_tenants_table
from common.db.feed import outbox_table, relay_state_table
from common.db.idempotency import idempotency_table
from common.issues.tables import metadata as mirror_metadata

metadata = MetaData(schema="jira_private")

#: Tables of this schema that are cut into hash partitions by tenant.
PARTITIONED = ("webhook_inbox", "raw_issues", "gone_issues")


def _owned(*, key: tuple[Column[Any], ...] = ()) -> list[Column[Any]]:
    return [Column("tenant_id", Uuid, primary_key=True), Column("connection_id", Uuid, primary_key=True), *key]


def _time(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=not required)


#: The change feed: an outbox whose rows also say which object of the mirror changed.
changes = outbox_table(
    mirror_metadata,
    "changes",
    Column("connection_id", Uuid),
    Column("kind", Text),  # issue | comment | worklog | connection
    Column("object_id", Uuid),
    Column("issue_id", Uuid),
    Column("project_id", BigInteger),
    Column("deleted", Boolean, nullable=False, server_default="false"),
)
relay_state = relay_state_table(mirror_metadata)

connection_secrets = Table(
    "connection_secrets",
    metadata,
    *_owned(),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # JSON: credentials and the webhook's secret
    _time("updated_at", required=True),
)

#: Which node works for a connection, and under which fence; a node that lost it writes nothing more.
sync_leases = Table(
    "sync_leases",
    metadata,
    *_owned(),
    Column("owner", Text),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    _time("expires_at", required=True),
)

sync_cursors = Table(
    "sync_cursors",
    metadata,
    *_owned(),
    _time("watermark"),  # everything updated up to here is stored
    _time("deep_scan_at"),
    _time("catalogue_at"),
    Column("webhook_ref", Text),  # the address of our registration at Jira
    Column("sync_wanted", Boolean, nullable=False, server_default="false"),
    Column("failures", Integer, nullable=False, server_default="0"),
)

#: How far the backfill of each project is; a gap says why a project cannot be read.
sync_streams = Table(
    "sync_streams",
    metadata,
    *_owned(key=(Column("project_id", BigInteger, primary_key=True),)),
    Column("project_key", Text, nullable=False),
    Column("state", JSONB(none_as_null=True)),  # null = not begun
    Column("done", Boolean, nullable=False, server_default="false"),
    Column("stored", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger),
    Column("gap", JSONB(none_as_null=True)),  # {code, detail, at}
    _time("updated_at", required=True),
)

webhook_inbox = Table(
    "webhook_inbox",
    metadata,
    *_owned(key=(Column("identifier", Text, primary_key=True),)),
    _time("received_at", required=True),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="new"),  # new | done | dead
    Column("attempts", Integer, nullable=False, server_default="0"),
    _time("next_attempt_at", required=True),
    Column("reason", Text),
)

#: What Jira last said of an issue, compressed, so that a mapping bug is repaired without asking Jira again.
raw_issues = Table(
    "raw_issues",
    metadata,
    *_owned(key=(Column("jira_id", BigInteger, primary_key=True),)),
    Column("body", LargeBinary, nullable=False),
    _time("fetched_at", required=True),
)

#: When an issue was last seen to be gone: an older answer that is stored late must not revive it.
gone_issues = Table(
    "gone_issues",
    metadata,
    *_owned(key=(Column("jira_id", BigInteger, primary_key=True),)),
    _time("observed_at", required=True),
)

#: Owned by je_search: jira-sync writes documents and cannot read them (docs/adr/0004).
issue_search = Table(
    "issue_search",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("issue_id", Uuid, primary_key=True),
    Column("class", Text, primary_key=True),  # '' = everybody, otherwise '<kind>:<value>'
    Column("connection_id", Uuid, primary_key=True),
    Column("document", TSVECTOR, nullable=False),
    Column("project_id", BigInteger),  # of the issue, as its level: search asks who may see it
    Column("security_level_id", Text),
)

idempotency = idempotency_table(metadata)
data_keys = data_keys_table(metadata)
erased_tenants = erased_tenants_table(metadata)
