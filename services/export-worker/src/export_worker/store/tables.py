"""The tables of schema `exports`: jobs, their frozen issues, their steps; and who may look across tenants."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Integer, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from common.db.erased import erased_tenants_table
from common.db.feed import inbox_table, outbox_table, relay_state_table
from common.db.idempotency import idempotency_table
from common.db.roles import AcrossTenants, finder

metadata = MetaData(schema="exports")


def _time(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not required)


def _of_job() -> ForeignKeyConstraint:
    """Deferred, because the frozen issues are there before it is known whether the job is wanted."""
    return ForeignKeyConstraint(
        ["tenant_id", "export_id"],
        ["exports.jobs.tenant_id", "exports.jobs.export_id"],
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )


#: One row per export. The gateway reads it for `GET /exports`.
jobs = Table(
    "jobs",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("export_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),  # set (asked by POST /exports) | issue (asked by /issues/{issue}/pdf)
    Column("requested_by", Uuid, nullable=False),
    Column("access", Text, nullable=False),  # `Access.prints_of` the requester: only who sees the same may read it
    Column("source", JSONB, nullable=False),  # what was asked for
    Column("format", Text, nullable=False),  # pdf
    Column("locale", Text, nullable=False),  # en | ru
    Column("paper", Text, nullable=False),  # a4 | letter
    Column("status", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("pages", Integer, nullable=False, server_default="0"),
    _time("as_of"),  # everything that Jira had at this moment was in the mirror when the set was frozen
    _time("created_at", required=True),
    _time("started_at"),
    _time("finished_at"),
    _time("expires_at"),
    _time("waiting_since"),  # a part that is needed is away since then
    Column("error_code", Text),  # why it failed, or what it waits for
    Column("error_detail", Text),
    Column("rendering_key", Text),  # equal content, options and access; one living job has it
    Column("file_name", Text, nullable=False),
    Column("content_key", Text),  # of the result in object storage
    Column("content_size", BigInteger),
    Column("content_sha256", Text),
    _time("purged_at"),  # the objects are gone
)

#: The set as it was when asked for: order, revisions, and the content until it is rendered.
items = Table(
    "items",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("export_id", Uuid, primary_key=True),
    Column("ordinal", Integer, primary_key=True),  # from 1
    Column("issue_id", Uuid, nullable=False),
    Column("connection_id", Uuid, nullable=False),
    Column("jira_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the content
    Column("content", Text),  # JSON text; see store/freezing.py. Null when the export has its result or is gone
    Column("pages", Integer),
    Column("left_out", JSONB),  # {code, detail}: why it is not in the file
    Column("notes", JSONB, nullable=False, server_default="[]"),  # [{code, detail}]: what of it is not in the file
    _of_job(),
)

#: What workers take one at a time: 1…n render issues `first` to `last`, number 0 joins the parts.
#: `runnable_at` is the lease as well: who takes a step moves it into the future, and must keep moving it.
steps = Table(
    "steps",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("export_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("weight", Integer, nullable=False),  # issues of the whole export: small ones go first
    Column("state", Text, nullable=False),  # open | done | dropped
    Column("runnable_at", DateTime(timezone=True), nullable=True),  # null: waits for the other steps
    Column("fence", BigInteger, nullable=False, server_default="0"),  # raised with each taking; an older one is void
    Column("claims", Integer, nullable=False, server_default="0"),  # taken and never handed back
    Column("outages", Integer, nullable=False, server_default="0"),  # handed back in a row because a part was away
    Column("object_key", Text),
    Column("pages", Integer),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _of_job(),
)

outbox = outbox_table(metadata)
relay_state = relay_state_table(metadata)
inbox = inbox_table(metadata)
idempotency = idempotency_table(metadata)
erased_tenants = erased_tenants_table(metadata)

FINDER = finder("je_export")

ACROSS_TENANTS = (
    AcrossTenants(FINDER, "exports.jobs", "SELECT", "finds exports whose files have to go"),
    AcrossTenants(FINDER, "exports.steps", "SELECT", "finds the next step for a free worker"),
)
