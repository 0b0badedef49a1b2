"""Grants: who may see what is decided by admins, kept once, told at once, and written into the audit log."""

from typing import Any

import httpx
import orjson
import pytest
from sync_node import Mirror, Node, connection_request, new_tenant

from common.ids import TenantId, UserId, new_id, public_id
from jira_simulator.testing import RunningSimulator

GRANTS = "SELECT subject, kind, value FROM jira.grants WHERE connection_id = $1 ORDER BY subject, kind, value"
EVENTS = "SELECT type, event FROM jira.changes WHERE connection_id = $1 AND kind IN ('grants', 'audit') ORDER BY seq"


def grant(kind: str, value: str, role: str = "viewer") -> dict[str, Any]:
    return {"subject_kind": "role", "subject": role, "kind": kind, "value": value}


async def post(node: Node, mirror: Mirror, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await node.call("POST", f"/connections/{mirror.id}/grants", body, tenant=mirror.tenant, **headers)


async def told(mirror: Mirror) -> list[tuple[str, str | None]]:
    """Types of events in order, entries of the audit log with their action."""
    rows = await mirror.rows(EVENTS)
    return [(row["type"], orjson.loads(row["event"])["data"].get("action")) for row in rows]


async def test_a_new_connection_is_seen_by_owners_and_admins_alone(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    assert [tuple(row) for row in await mirror.rows(GRANTS)] == [("admin", "project", "*"), ("owner", "project", "*")]
    shown = (await node.call("GET", f"/connections/{mirror.id}/grants", tenant=tenant)).json()["items"]
    assert {(item["subject"], item["kind"], item["value"]) for item in shown} == {
        ("owner", "project", "*"),
        ("admin", "project", "*"),
    }
    assert ("sync.audit_recorded.v1", "connection.created") in await told(mirror)


async def test_who_connects_may_say_at_once_who_sees_what(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    wanted = [grant("project", "10000"), grant("level", "10100"), grant("project", "10000")]
    mirror = await node.connect(cloud, tenant, grants=wanted)
    assert [tuple(row) for row in await mirror.rows(GRANTS)] == [
        ("viewer", "level", "10100"),
        ("viewer", "project", "10000"),
    ]
    key = connection_request(cloud) | {"grants": [grant("project", "DEMO")]}
    answer = await node.call("POST", "/connections", key, tenant=new_tenant())
    assert (answer.status_code, answer.json()["code"]) == (422, "grant.unknown_project")


async def test_projects_are_kept_by_id_and_shown_by_key(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    (project, *_) = await mirror.rows("SELECT * FROM jira.projects WHERE connection_id = $1 ORDER BY key")
    made = (await post(node, mirror, grant("project", project["key"]))).json()
    assert (made["value"], made["name"]) == (str(project["project_id"]), project["key"])
    again = await post(node, mirror, grant("project", str(project["project_id"])))
    assert (again.status_code, again.json()["code"], again.json()["grant_id"]) == (409, "grant.exists", made["id"])
    unknown = await post(node, mirror, grant("project", "NOSUCH"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "grant.unknown_project")


async def test_giving_and_taking_back_are_told_and_audited(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant, grants=[])
    assert await mirror.rows(GRANTS) == []
    user = public_id("usr", UserId(new_id()))
    body = {"subject_kind": "user", "subject": user, "kind": "class", "value": "role:Administrators"}
    made = await post(node, mirror, body)
    assert made.status_code == 201
    place = f"/connections/{mirror.id}/grants/{made.json()['id']}"
    assert made.headers["location"] == f"/api/v1{place}"
    assert made.json()["subject"] == user
    assert (await node.call("DELETE", place, tenant=tenant)).status_code == 204
    gone = await node.call("DELETE", place, tenant=tenant)
    assert (gone.status_code, gone.json()["code"]) == (404, "grant.not_found")
    assert await told(mirror) == [
        ("sync.audit_recorded.v1", "connection.created"),
        ("sync.audit_recorded.v1", "grant.added"),
        ("sync.grants_changed.v1", None),
        ("sync.audit_recorded.v1", "grant.removed"),
        ("sync.grants_changed.v1", None),
    ]


async def test_the_same_key_gives_one_grant_and_one_answer(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant, grants=[])
    key = {"Idempotency-Key": "grant-it-once"}
    answers = [await post(node, mirror, grant("project", "*"), **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(await mirror.rows(GRANTS)) == 1


async def test_another_tenant_can_neither_see_nor_change_grants(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    (known, *_) = (await node.call("GET", f"/connections/{mirror.id}/grants", tenant=tenant)).json()["items"]
    stranger = new_tenant()
    path = f"/connections/{mirror.id}"
    answers = [
        await node.call("GET", f"{path}/grants", tenant=stranger),
        await node.call("POST", f"{path}/grants", grant("project", "*"), tenant=stranger),
        await node.call("DELETE", f"{path}/grants/{known['id']}", tenant=stranger),
        await node.call("GET", f"{path}/security-levels", tenant=stranger),
        await node.call("GET", f"{path}/visibility-classes", tenant=stranger),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "connection.not_found")}
    assert len(await mirror.rows(GRANTS)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        grant("project", "*", role="boss"),
        {"subject_kind": "user", "subject": "somebody", "kind": "project", "value": "*"},
        grant("team", "1"),
        grant("level", ""),
        grant("class", "x" * 201),
        grant("class", "role:\x1fA"),
        grant("project", "*") | {"more": 1},
    ],
)
async def test_nonsense_is_refused(
    node: Node, cloud: RunningSimulator, tenant: TenantId, wrong: dict[str, Any]
) -> None:
    mirror = await node.connect(cloud, tenant, grants=[])
    assert (await post(node, mirror, wrong)).status_code == 422
    assert await mirror.rows(GRANTS) == []


async def test_levels_and_classes_are_named_from_the_mirror(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    level = "SELECT DISTINCT security_level_id, security_level_name FROM jira.issues WHERE connection_id = $1"
    known = {(row[0], row[1]) for row in await mirror.rows(level + " AND security_level_id IS NOT NULL")}
    levels = (await node.call("GET", f"/connections/{mirror.id}/security-levels", tenant=tenant)).json()["items"]
    assert known
    assert {(item["id"], item["name"]) for item in levels} == known
    classes = (await node.call("GET", f"/connections/{mirror.id}/visibility-classes", tenant=tenant)).json()["items"]
    restricted = "SELECT DISTINCT visibility FROM jira.comments WHERE connection_id = $1 AND visibility IS NOT NULL"
    expected = {row[0] for row in await mirror.rows(restricted)}
    assert expected <= {item["value"] for item in classes}
    assert all(item["value"] == f"{item['type']}:{item['name']}" for item in classes)
