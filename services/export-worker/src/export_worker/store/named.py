"""What the history and the custom fields of an issue may name, frozen beside them: they are filtered when printed."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ARRAY, JSON, ColumnElement, Text, any_, cast, column, func, not_, select
from sqlalchemy.sql.expression import FromClause

from common.issues.history_changes import FIELDS_TO_LOOK_AT, KEY_IN_TEXT
from common.issues.scope import in_seen_projects, may_see_issue, texts, uuids
from common.issues.tables import history, issues, project_keys
from export_worker.store.json_parts import NONE, object_of, of_issue, word


def named() -> ColumnElement[Any]:
    """Keys of visible issues and projects, ids of held levels, and hidden keys that stand in custom fields."""
    looked_at = history.c.changes.op("~*")(word(FIELDS_TO_LOOK_AT))
    in_history = select(_keys_in(history.c.changes)).where(of_issue(history), looked_at).correlate(issues)
    custom = cast(cast(issues.c.detail, JSON).op("->")(word("custom_fields")), Text)
    return object_of(
        issues=_keys_of(in_history, may_see_issue),
        hidden=_keys_of(select(_keys_in(custom)).correlate(issues), lambda other: not_(may_see_issue(other))),
        projects=_seen_projects(project_keys.c.key),
        project_ids=_seen_projects(cast(project_keys.c.project_id, Text)),
        levels=_held_levels(),
        every_project=issues.c.connection_id == any_(uuids("whole")),
    )


def _keys_in(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """All that looks like an issue key in a text, as rows."""
    found: ColumnElement[Any] = func.regexp_matches(text, word(KEY_IN_TEXT), word("g"), type_=ARRAY(Text()))[1]
    return found


def _keys_of(asked: Any, condition: Callable[[FromClause], ColumnElement[bool]]) -> Any:
    """Which of the asked keys are of issues of the same connection that fulfil the condition."""
    other = issues.alias("other_named")
    found = (
        select(other.c.key)
        .distinct()
        .where(
            other.c.tenant_id == issues.c.tenant_id,
            other.c.connection_id == issues.c.connection_id,
            other.c.key.in_(asked),
            condition(other),
        )
        .order_by(other.c.key)
        .correlate(issues)
        .subquery()
    )
    return select(func.coalesce(func.json_agg(found.c.key), NONE)).select_from(found).scalar_subquery()


def _seen_projects(shown: ColumnElement[Any]) -> Any:
    """Nothing where all may be named: `every_project` says so."""
    found = (
        select(shown.label("shown"))
        .distinct()
        .where(
            project_keys.c.tenant_id == issues.c.tenant_id,
            project_keys.c.connection_id == issues.c.connection_id,
            in_seen_projects(project_keys, "some"),
        )
        .order_by("shown")
        .correlate(issues)
        .subquery()
    )
    return select(func.coalesce(func.json_agg(found.c.shown), NONE)).select_from(found).scalar_subquery()


def _held_levels() -> Any:
    held = (
        func.unnest(uuids("level_connections"), texts("levels_seen"))
        .table_valued(column("connection_id"), column("level", Text()), name="held")
        .render_derived()
    )
    listed = func.coalesce(func.json_agg(held.c.level), NONE)
    # no tenant: these rows are the caller's own parameters.
    return select(listed).select_from(held).where(held.c.connection_id == issues.c.connection_id).scalar_subquery()
