"""Reads of a long audit log walk an index, as the gateway's own role and under row-level security.

`AUDIT_ROWS=1000000` makes it as long as the promise says; the plans are the same from some ten thousand rows on.
"""

import json
import os
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from api_gateway.audit.domain.question import Question, actions_named
from api_gateway.audit.store.entries import _params, _statement
from common.ids import TenantId, new_id
from common.testing import databases
from common.testing.databases import TestDatabase

ROWS = int(os.environ.get("AUDIT_ROWS", "40000"))
TENANT = TenantId(uuid.UUID(int=7))

_FILL = """
INSERT INTO gateway.audit_entries (tenant_id, entry_id, "at", source, actor_kind, actor_id, action, target_kind,
    target_id, outcome, address)
SELECT CASE WHEN n % 4 = 0 THEN $2::uuid ELSE $1::uuid END, gen_random_uuid(),
    timestamptz '2026-11-01' - make_interval(secs => n * 13), 'auth', 'user',
    CASE WHEN n BETWEEN $3::int * 6 / 10 AND $3::int * 7 / 10 THEN 'usr_gone' ELSE 'usr_' || n % 997 END,
    (ARRAY['session.started', 'member.invited', 'member.removed', 'export.created', 'access.denied'])[1 + n % 5],
    'user', 'usr_' || n % 4999, CASE WHEN n % 5 = 4 THEN 'denied' ELSE 'succeeded' END, '192.0.2.' || n % 200
FROM generate_series(1, $3::int) n
"""
QUESTIONS = {
    "by time": Question(),
    "in a span": Question(after=datetime(2026, 10, 20, tzinfo=UTC), before=datetime(2026, 10, 30, tzinfo=UTC)),
    "by actor": Question(actors=("usr_5",)),
    "by somebody who left long ago": Question(actors=("usr_gone",)),
    "by actors": Question(actors=("usr_5", "usr_6", "usr_7")),
    "by action": Question(actions=("member.removed",)),
    "by prefix": Question(actions=actions_named(["member."])),
    "by target": Question(targets=("usr_77",)),
    "by target and outcome": Question(targets=("usr_77",), outcomes=("denied",)),
}


class _Of:
    """What the statement's parameters are taken from."""

    tenant = TENANT


@pytest.fixture(scope="module")
async def service(parts: Any, database_template: str) -> AsyncIterator[asyncpg.Connection]:
    name = f"test_plans_{uuid.uuid4().hex[:12]}"
    database: TestDatabase = await databases.clone(parts.postgres_dsn, database_template, name)
    admin = await database.admin()
    await admin.execute("SET synchronous_commit = off")
    await admin.execute(_FILL, TENANT, new_id(), ROWS)
    await admin.execute("VACUUM ANALYZE gateway.audit_entries")
    await admin.close()
    connection = await asyncpg.connect(database.dsn("api-gateway"))
    await connection.execute("SELECT set_config('app.tenant', $1, false)", str(TENANT))
    yield connection
    await connection.close()
    await databases.drop(parts.postgres_dsn, name)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for each in plan.get("Plans", ()) for inner in nodes(each))]


@pytest.mark.parametrize("generic", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_page_is_an_index_walk_that_ends_with_the_page(
    service: asyncpg.Connection, name: str, paged: bool, generic: str
) -> None:
    question = QUESTIONS[name]
    statement = _statement(question.used(), paged=paged, counted=False)
    params = _params(_Of, question) | {"limit": 51}  # type: ignore[arg-type]
    if paged:
        params |= {"a0": datetime(2026, 10, 29, tzinfo=UTC), "a1": new_id()}
    async with service.transaction():
        await service.execute(f"SET LOCAL plan_cache_mode = {generic}")
        explained = await service.fetchval(
            "EXPLAIN (ANALYZE, FORMAT JSON, BUFFERS) " + statement.sql, *statement.arguments(params)
        )
    plan = json.loads(explained)[0]
    walked = nodes(plan["Plan"])
    assert not [node["Relation Name"] for node in walked if node["Node Type"] == "Seq Scan"]
    scans = [node for node in walked if node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")]
    assert scans
    # Rows that were read and thrown away, with those that were taken: some pages, not the log.
    read = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in walked
        if "Scan" in node["Node Type"] and node.get("Relation Name", "").startswith("audit")
    )
    assert read <= 51 * max(1, len(question.actors), len(question.actions)) + 500, explained
    if os.environ.get("AUDIT_ROWS"):
        print(f"{name} paged={paged} {generic}: {plan['Execution Time']:.2f} ms, {read} rows")  # noqa: T201
