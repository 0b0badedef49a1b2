"""Who may see what: what is not granted is not there, on every read, and a change holds from the next request on."""

from dataclasses import replace
from typing import Any

import pytest
from gateway_client import Gateway
from peer_server import running_peer

from common.ids import ConnectionId, UserId, new_id, public_id
from common.testing.mirror import MirrorSeed, SeededIssue

MARK = "zanzibar"
PLAIN = ("issues:read", "connections:read")
LEVEL, CLASS = "10001", "role:Administrators"


@pytest.fixture
async def jira(mirror: MirrorSeed) -> ConnectionId:
    """A connection whose members see project 1 only; project 2 is hidden from them."""
    name = await mirror.jira(granted=False)
    await mirror.grant(name, "project", "*", role="owner")
    await mirror.grant(name, "project", "1", role="member")
    await mirror.project(name, "OPEN", 1)
    await mirror.project(name, "HID", 2, old_keys=("OLD",))
    return name


@pytest.fixture
async def hidden(mirror: MirrorSeed, jira: ConnectionId) -> SeededIssue:
    """An issue of the hidden project, with something of every kind."""
    issue = await mirror.issue(jira, "HID-1", f"The {MARK} plan", project_id=2, labels=["red"])
    await mirror.comment(issue, f"about {MARK}")
    await mirror.attachment(issue, f"{MARK}.png")
    return issue


@pytest.fixture
def member(gateway: Gateway, mirror: MirrorSeed) -> Gateway:
    return gateway.as_tenant(mirror.tenant)


@pytest.fixture
def owner(gateway: Gateway, mirror: MirrorSeed) -> Gateway:
    return gateway.as_tenant(mirror.tenant, role="owner")


async def test_a_project_that_is_not_granted_is_in_no_list_count_or_search(
    member: Gateway, owner: Gateway, mirror: MirrorSeed, jira: ConnectionId, hidden: SeededIssue
) -> None:
    await mirror.issue(jira, "OPEN-1", f"Open {MARK} matter")
    asked: list[dict[str, Any]] = [
        {},
        {"q": MARK},
        {"q": "HID-1"},
        {"q": "OLD-1"},
        {"project": "HID"},
        {"project": "OLD"},
        {"label": "red"},
        {"sort": "-priority,key"},
        {"connection": public_id("con", jira)},
    ]
    for params in asked:
        page = (await member.get("/issues", count="true", **params)).json()
        assert {item["key"] for item in page["items"]} <= {"OPEN-1"}, params
        assert page["count"] == {"value": len(page["items"]), "exact": True}, params
        assert "HID-1" in await owner.keys(**params), params
    searched = (await member.post("/issues/search", {"q": MARK, "highlight": True, "count": True})).json()
    assert [item["key"] for item in searched["items"]] == ["OPEN-1"]


async def test_what_is_hidden_answers_like_what_never_was(
    member: Gateway, owner: Gateway, mirror: MirrorSeed, jira: ConnectionId, hidden: SeededIssue
) -> None:
    file = await mirror.attachment(hidden)
    for path, none in (
        (f"/issues/{public_id('iss', hidden.issue_id)}", f"/issues/{public_id('iss', new_id())}"),
        ("/issues/HID-1", "/issues/HID-2"),
        ("/issues/OLD-1", "/issues/OLD-2"),
        *((f"/issues/HID-1/{kind}", f"/issues/HID-2/{kind}") for kind in ("comments", "history", "links")),
        (f"/attachments/{public_id('att', file)}/content", f"/attachments/{public_id('att', new_id())}/content"),
    ):
        seen, unknown = await member.get(path), await member.get(none)
        assert seen.status_code == unknown.status_code == 404, path
        assert {**seen.json(), "request_id": 0} == {**unknown.json(), "request_id": 0}, path
    assert (await owner.get("/issues/HID-1")).status_code == 200


async def test_levels_and_classes_open_only_in_the_connection_they_were_granted_in(
    gateway: Gateway, mirror: MirrorSeed
) -> None:
    one, two = await mirror.jira(), await mirror.jira("https://two.example.com")
    for jira, key in ((one, "A"), (two, "B")):
        secret = await mirror.issue(jira, f"{key}-1", f"Board {MARK}", security_level_id=LEVEL)
        issue = await mirror.issue(jira, f"{key}-2")
        await mirror.comment(issue, "for few", visibility=CLASS)
        await mirror.document(issue, "quixotic", CLASS)
        await mirror.comment(secret)
    await mirror.grant(one, "level", LEVEL, role="member")
    await mirror.grant(one, "class", CLASS, role="member")
    member = gateway.as_tenant(mirror.tenant)
    assert set(await member.keys()) == {"A-1", "A-2", "B-2"}
    assert await member.keys(q=MARK) == ["A-1"]
    assert await member.keys(q="quixotic") == ["A-2"]
    assert len(await member.items("/issues/A-2/comments")) == 1
    assert await member.items("/issues/B-2/comments") == []
    assert (await member.get("/issues/B-1")).status_code == 404
    assert set(await gateway.as_tenant(mirror.tenant, role="viewer").keys()) == {"A-2", "B-2"}


async def test_a_level_shows_issues_of_granted_projects_only(
    member: Gateway, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    await mirror.issue(jira, "HID-1", project_id=2, security_level_id=LEVEL)
    await mirror.issue(jira, "OPEN-1", security_level_id=LEVEL)
    await mirror.grant(jira, "level", LEVEL, role="member")
    assert await member.keys() == ["OPEN-1"]
    assert await member.keys(q="summary") == ["OPEN-1"]


async def test_other_issues_are_named_only_where_they_may_be_seen(
    member: Gateway, owner: Gateway, mirror: MirrorSeed, jira: ConnectionId, hidden: SeededIssue
) -> None:
    epic = {"id": "customfield_1", "name": "Epic Link", "type": "any", "value": "HID-1", "display": "HID-1"}
    text = {"id": "customfield_2", "name": "Charset", "type": "string", "value": "UTF-8", "display": "UTF-8"}
    issue = await mirror.issue(jira, "OPEN-1", parent_jira_id=hidden.jira_id, detail={"custom_fields": [epic, text]})
    await mirror.link(issue, hidden)
    for change in (
        {"field": "Link", "to": "HID-1", "to_text": "This issue blocks HID-1"},
        {"field": "Epic Link", "to_text": "HID-1"},
        {"field": "Key", "from_text": "HID-9", "to_text": "OPEN-1"},
        {"field": "project", "from": "2", "from_text": "Hidden project", "to": "1", "to_text": "Open project"},
        {"field": "security", "to": LEVEL, "to_text": "Board only"},
        {"field": "status", "to_text": "Done"},
    ):
        await mirror.change(issue, change)
    everything = "comments,worklogs,history,attachments,links"
    shown = (await member.get("/issues/OPEN-1", expand=everything)).json()
    assert (shown["parent"], shown["links"]["items"]) == (None, [])
    assert [field["id"] for field in shown["custom_fields"]] == ["customfield_2"]
    assert shown["history"]["total"] == len(shown["history"]["items"]) == 1
    listed = (await member.get("/issues", fields="summary,parent,custom_fields,Epic Link")).json()["items"]
    for body in (shown, listed):
        for word in ("HID", "Hidden project", "Board only"):
            assert word not in str(body), word
    full = (await owner.get("/issues/OPEN-1", expand=everything)).json()
    assert (full["links"]["total"], full["history"]["total"], len(full["custom_fields"])) == (1, 5, 2)
    assert full["parent"] is not None


async def test_an_ambiguous_key_lists_only_candidates_that_may_be_seen(gateway: Gateway, mirror: MirrorSeed) -> None:
    one, two = await mirror.jira(), await mirror.jira("https://two.example.com", granted=False)
    await mirror.issue(one, "D-1")
    await mirror.issue(two, "D-1")
    member = gateway.as_tenant(mirror.tenant)
    assert (await member.get("/issues/D-1")).status_code == 200
    await mirror.grant(two, "project", "*", role="member")
    answer = await member.get("/issues/D-1")
    assert (answer.status_code, len(answer.json()["candidates"])) == (409, 2)


async def test_a_grant_holds_from_the_next_request_on_and_ends_so(
    gateway: Gateway, mirror: MirrorSeed, jira: ConnectionId, hidden: SeededIssue
) -> None:
    user = UserId(new_id())
    somebody = gateway.as_tenant(mirror.tenant, user=user, role="viewer")
    assert await somebody.keys() == []
    empty = await somebody.get("/issues")
    await mirror.grant(jira, "project", "2", user=user)
    assert await somebody.keys() == ["HID-1"]
    seen = await somebody.get("/issues/HID-1")
    assert (await somebody.get("/issues", headers={"If-None-Match": empty.headers["etag"]})).status_code == 200
    assert await gateway.as_tenant(mirror.tenant, role="viewer").keys() == []
    await mirror.withdraw(jira, subject=str(user))
    assert await somebody.keys() == []
    again = await somebody.get("/issues/HID-1", headers={"If-None-Match": seen.headers["etag"]})
    assert again.status_code == 404
    assert "etag" not in again.headers


async def test_a_cursor_ends_with_the_access_it_was_made_under(
    member: Gateway, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    for number in range(1, 4):
        await mirror.issue(jira, f"OPEN-{number}")
    cursor = (await member.get("/issues", limit=1)).json()["next_cursor"]
    await mirror.withdraw(jira, subject="member")
    await mirror.grant(jira, "project", "2", role="member")
    answer = await member.get("/issues", limit=1, cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "query.invalid_cursor")


async def test_lists_of_a_connection_leave_hidden_projects_out(
    gateway: Gateway, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    member = gateway.as_tenant(mirror.tenant, scopes=PLAIN)
    for project, name in ((1, "OPEN"), (2, "HID"), (None, "ALL")):
        await mirror.insert(
            "catalogue",
            connection_id=jira,
            kind="status",
            jira_id=name,
            name=f"{name} status",
            name_fold=name,
            project_id=project,
        )
    path = f"/connections/{public_id('con', jira)}"
    assert [item["key"] for item in await member.items(f"{path}/projects")] == ["OPEN"]
    assert {item["id"] for item in await member.items(f"{path}/statuses")} == {"OPEN", "ALL"}
    admin = gateway.as_tenant(mirror.tenant, role="admin")
    assert {item["key"] for item in await admin.items(f"{path}/projects")} == {"OPEN", "HID"}
    assert len(await admin.items(f"{path}/statuses")) == 3
    assert await admin.keys() == []


async def test_connections_are_shown_to_who_sees_something_of_them_and_numbers_to_who_sees_all(
    gateway: Gateway, mirror: MirrorSeed
) -> None:
    scope = '["OPEN","HID"]'
    jira = await mirror.jira(granted=False, progress_done=7, progress_total=9, scope_projects=scope)
    await mirror.project(jira, "OPEN", 1)
    await mirror.project(jira, "HID", 2)
    await mirror.grant(jira, "project", "1", role="member")
    await mirror.grant(jira, "project", "*", role="owner")
    path = f"/connections/{public_id('con', jira)}"
    nobody = gateway.as_tenant(mirror.tenant, role="viewer", scopes=PLAIN)
    assert await nobody.items("/connections") == []
    for each in (path, f"{path}/sync", f"{path}/projects", f"{path}/users"):
        assert (await nobody.get(each)).status_code == 404
    partly = gateway.as_tenant(mirror.tenant, role="member", scopes=PLAIN)
    (shown,) = await partly.items("/connections")
    assert shown["scope"] == {"projects": ["OPEN"]}
    assert (await partly.get(f"{path}/sync")).json()["progress"] is None
    for whole in (
        gateway.as_tenant(mirror.tenant, role="owner", scopes=PLAIN),
        gateway.as_tenant(mirror.tenant, role="admin", scopes=(*PLAIN, "connections:admin")),
    ):
        assert (await whole.get(f"{path}/sync")).json()["progress"] == {"done": 7, "total": 9}
        assert (await whole.get(path)).json()["scope"] == {"projects": ["OPEN", "HID"]}


async def test_an_attachment_is_asked_for_in_the_connection_that_is_seen(
    start_gateway: Any, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    """A site that is connected twice has it twice; the bytes must come by the credentials of the one that is seen."""
    issue = await mirror.issue(jira, "OPEN-1")
    file = await mirror.attachment(issue)
    other = await mirror.jira("https://jira.example.com", granted=False, account="other@example.com")
    await mirror.attachment(replace(issue, connection_id=other), child_id=file)
    async with running_peer() as peer:
        gateway = await start_gateway(peers={"jira_sync_url": peer.url})
        member = gateway.as_tenant(mirror.tenant)
        await member.get(f"/attachments/{public_id('att', file)}/content")
        assert peer.asked[-1]["query"] == f"connection={public_id('con', jira)}"
