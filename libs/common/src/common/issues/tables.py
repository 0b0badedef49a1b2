"""The mirror tables of schema `jira`, declared once: jira-sync writes them, the other services read them.

Multi-value fields and history live in plain scalar columns, because under row-level security an index serves
only leakproof operators (docs/adr/0004): no enums, no JSONB conditions, folded text beside the text itself.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="jira")

#: Tables cut into eight hash partitions by tenant from the first migration on.
PARTITIONED = ("issues", "issue_values", "issue_keys", "comments", "worklogs", "history", "attachments", "links")


def _tenant() -> Column[Any]:
    return Column("tenant_id", Uuid, primary_key=True)


def _connection() -> Column[Any]:
    return Column("connection_id", Uuid, primary_key=True)


def _time(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=not required)


connections = Table(
    "connections",
    metadata,
    _tenant(),
    _connection(),
    Column("name", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("deployment", Text, nullable=False),  # cloud | datacenter
    Column("site", Text, nullable=False),  # identity of the Jira site, survives a reconnect; part of public issue ids
    Column("auth_method", Text, nullable=False),  # basic | api_token | pat ...
    Column("account", Text, nullable=False),  # what was signed in with (user name, e-mail): (base_url, account) unique
    Column("account_id", Text),  # who Jira says that is (accountId, user key)
    Column("account_time_zone", Text),
    Column("scope_projects", JSONB(none_as_null=True)),  # null = all visible projects
    Column("phase", Text, nullable=False),  # awaiting_consent|connecting|backfilling|live|degraded|paused|failed
    Column("progress_done", BigInteger, nullable=False, server_default="0"),
    Column("progress_total", BigInteger),
    _time("complete_as_of"),  # everything that Jira had at this moment is in the mirror
    Column("last_error", JSONB(none_as_null=True)),  # {code, detail, at}
    Column("budget", JSONB(none_as_null=True)),  # {remaining, limit, resets_at} as Jira last said
    Column("webhook_url", Text),  # where Jira may deliver to
    Column("webhook_registered", Boolean, nullable=False, server_default="false"),
    _time("webhook_last_received_at"),
    _time("created_at", required=True),
    _time("updated_at", required=True),
    _time("deleted_at"),
)

#: Who sees what of a connection; what no row names is not visible (docs/adr/0009).
grants = Table(
    "grants",
    metadata,
    _tenant(),
    _connection(),
    Column("grant_id", Uuid, primary_key=True),
    Column("subject_kind", Text, nullable=False),  # role | user
    Column("subject", Text, nullable=False),  # name of the role, or the user's uuid as text
    Column("kind", Text, nullable=False),  # project | level | class
    Column("value", Text, nullable=False),  # Jira's project id or '*', a security level's id, '<kind>:<value>'
    _time("created_at", required=True),
    Column("created_by", Uuid),  # null = by the migration that brought grants
)

projects = Table(
    "projects",
    metadata,
    _tenant(),
    _connection(),
    Column("project_id", BigInteger, primary_key=True),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type_key", Text),  # software | service_desk | business
    Column("state", Text, nullable=False, server_default="live"),  # live | archived | trashed | access_lost
    Column("lead_id", Text),
    Column("data", JSONB(none_as_null=True), nullable=False, server_default="{}"),
    Column("generation", BigInteger, nullable=False, server_default="0"),  # raised with each change of an issue in it
)

#: Every key a project has or had; an old one stays an alias.
project_keys = Table(
    "project_keys",
    metadata,
    _tenant(),
    _connection(),
    Column("key", Text, primary_key=True),
    Column("project_id", BigInteger, nullable=False),
)

users = Table(
    "users",
    metadata,
    _tenant(),
    _connection(),
    Column("account_id", Text, primary_key=True),  # Cloud accountId, Data Center user key
    Column("name", Text),  # Data Center login name
    Column("display_name", Text, nullable=False),
    Column("email", Text),
    Column("avatar_url", Text),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("time_zone", Text),
)

#: Small lists of a site: kind is field | status | priority | resolution | issue_type | version | component | link_type.
catalogue = Table(
    "catalogue",
    metadata,
    _tenant(),
    _connection(),
    Column("kind", Text, primary_key=True),
    Column("jira_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_fold", Text, nullable=False),
    Column("project_id", BigInteger),
    Column("rank", Integer, nullable=False, server_default="0"),  # Jira's own order
    Column("data", JSONB(none_as_null=True), nullable=False, server_default="{}"),
)

issues = Table(
    "issues",
    metadata,
    _tenant(),
    _connection(),
    Column("jira_id", BigInteger, primary_key=True),
    Column("issue_id", Uuid, nullable=False),  # public id, derived from (tenant, site, jira_id)
    Column("key", Text, nullable=False),
    Column("number", BigInteger, nullable=False),  # of the key
    Column("project_id", BigInteger, nullable=False),
    Column("project_key", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("type_id", Text),
    Column("type_name", Text),
    Column("type_fold", Text),
    Column("status_id", Text),
    Column("status_name", Text),
    Column("status_fold", Text),
    Column("status_category", Text),  # todo | in_progress | done
    Column("priority_id", Text),
    Column("priority_name", Text),
    Column("priority_fold", Text),
    Column("priority_rank", Integer),  # 1 = highest, Jira's order; null = none
    Column("resolution_id", Text),
    Column("resolution_name", Text),
    Column("assignee_id", Text),
    Column("reporter_id", Text),
    Column("creator_id", Text),
    Column("parent_jira_id", BigInteger),
    Column("due_date", Date),
    _time("created", required=True),
    _time("updated", required=True),
    _time("resolved_at"),
    Column("security_level_id", Text),  # null = no level; otherwise only for viewers who hold it
    Column("security_level_name", Text),
    Column("revision", BigInteger, nullable=False),  # +1 with each stored change of content
    Column("content_hash", LargeBinary, nullable=False),
    Column("card", Text, nullable=False),  # JSON text of the list item of api.md §4 less id, connection_id, revision
    Column("detail", Text, nullable=False),  # JSON text of what the detail adds (bodies raw; see common.issues.cards)
    _time("synced_at", required=True),
    _time("deleted_at"),  # tombstone: gone in Jira, or no longer visible to the connection's account
)

#: One row per value of a multi-value field: label, component, fix_version, affects_version, sprint, customfield_N.
issue_values = Table(
    "issue_values",
    metadata,
    _tenant(),
    _connection(),
    Column("jira_id", BigInteger, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value_fold", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("value_id", Text),
)

#: Every key an issue had before: a moved issue is still found by them.
issue_keys = Table(
    "issue_keys",
    metadata,
    _tenant(),
    _connection(),
    Column("key", Text, primary_key=True),
    Column("jira_id", BigInteger, nullable=False),
)


def _child_columns() -> list[Column[Any]]:
    return [
        _tenant(),
        _connection(),
        Column("jira_id", BigInteger, primary_key=True),
        Column("issue_jira_id", BigInteger, nullable=False),
        Column("child_id", Uuid, nullable=False),  # public id, derived (com_, wkl_, att_)
        Column("author_id", Text),
        Column("author_name", Text),
        _time("created", required=True),
    ]


comments = Table(
    "comments",
    metadata,
    *_child_columns(),
    _time("updated", required=True),
    Column("visibility", Text),  # null = everybody, otherwise '<kind>:<value>', e.g. 'role:Administrators'
    Column("body_format", Text, nullable=False),  # adf | wiki
    Column("body", Text, nullable=False),  # JSON text of the ADF document, or the wiki text
)

worklogs = Table(
    "worklogs",
    metadata,
    *_child_columns(),
    _time("updated", required=True),
    _time("started"),
    Column("seconds", BigInteger, nullable=False),
    Column("visibility", Text),
    Column("body_format", Text),
    Column("body", Text),
)

history = Table(
    "history",
    metadata,
    *_child_columns(),  # created = when the change was made
    Column("changes", Text, nullable=False),  # JSON text: [{field, field_id, from, from_text, to, to_text}]
)

attachments = Table(
    "attachments",
    metadata,
    *_child_columns(),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content_url", Text, nullable=False),
    Column("thumbnail_url", Text),
    Column("media_id", Text),  # Cloud: the media file id that ADF bodies name
)

links = Table(
    "links",
    metadata,
    _tenant(),
    _connection(),
    Column("issue_jira_id", BigInteger, primary_key=True),  # the issue the link is shown on
    Column("jira_id", BigInteger, primary_key=True),
    Column("direction", Text, primary_key=True),  # inward | outward
    Column("type_name", Text, nullable=False),
    Column("label", Text, nullable=False),  # "blocks", "is blocked by"
    Column("other_jira_id", BigInteger, nullable=False),
    Column("other_key", Text, nullable=False),
)
