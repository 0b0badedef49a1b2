import orjson
import pytest
from gateway_client import Gateway

from common.ids import public_id
from common.testing.mirror import START, MirrorSeed

ALL = "comments,worklogs,history,attachments,links"


async def test_a_detail_has_rendered_texts_and_expanded_collections(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    await mirror.insert("users", connection_id=jira, account_id="u1", name="bob", display_name="Боб")
    text = {"format": "wiki", "raw": "h1. Hi [~bob]\n!a.png!\n<script>alert(1)</script> DEMO-2"}
    issue = await mirror.issue(jira, "D-1", detail={"description": text})
    other = await mirror.issue(jira, "D-2", "Another")
    picture = await mirror.attachment(issue, "a.png")
    adf = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "X"}]}]}
    await mirror.comment(issue, orjson.dumps(adf).decode(), body_format="adf")
    await mirror.worklog(issue, 60, body_format="wiki", body="*done*")
    await mirror.worklog(issue, 90)
    await mirror.change(issue, {"field": "status", "from_text": "To Do", "to_text": "Done"})
    await mirror.link(issue, other)
    shown = (await gateway.as_tenant(mirror.tenant).get("/issues/D-1", expand=ALL)).json()
    html = shown["description"]["html"]
    assert "<h1>" in html
    assert "@Боб" in html
    assert f"/api/v1/attachments/{public_id('att', picture)}/content" in html
    assert "<script>" not in html
    assert "https://jira.example.com/browse/DEMO-2" in html
    assert shown["description"]["raw"] == text["raw"]
    assert shown["comments"]["items"][0]["body"] == {"format": "adf", "raw": adf, "html": "<p>X</p>", "text": "X"}
    assert [each["comment"] and each["comment"]["text"] for each in shown["worklogs"]["items"]] == ["done", None]
    assert shown["history"]["items"][0]["changes"][0]["to_text"] == "Done"
    assert shown["attachments"]["items"][0]["content_url"].endswith("/content")
    assert shown["links"]["items"][0]["issue"]["key"] == "D-2"
    assert {shown[name]["total"] for name in ("comments", "history", "attachments", "links")} == {1}


async def test_issues_are_found_by_id_key_old_key_and_old_project_key(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    await mirror.project(jira, "D", 1, old_keys=["WAS"])
    issue = await mirror.issue(jira, "D-1")
    await mirror.insert("issue_keys", connection_id=jira, key="E-9", jira_id=issue.jira_id)
    client = gateway.as_tenant(mirror.tenant)
    for ref in (public_id("iss", issue.issue_id), "D-1", "d-1", "E-9", "WAS-1"):
        assert (await client.get(f"/issues/{ref}")).json()["key"] == "D-1", ref
    for ref in ("D-2", "nonsense", "D-", public_id("iss", jira)):
        assert (await client.get(f"/issues/{ref}")).status_code == 404, ref
    assert (await client.get("/issues/iss_short")).status_code == 400


async def test_a_key_of_two_connections_is_ambiguous_until_one_is_named(gateway: Gateway, mirror: MirrorSeed) -> None:
    one, two = await mirror.jira(), await mirror.jira("https://two.example.com")
    for jira in (one, two):
        await mirror.issue(jira, "D-1")
    client = gateway.as_tenant(mirror.tenant)
    answer = await client.get("/issues/D-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "issue.ambiguous_key")
    assert {each["connection_id"] for each in answer.json()["candidates"]} == {
        public_id("con", one),
        public_id("con", two),
    }
    chosen = await client.get("/issues/D-1", connection=public_id("con", two))
    assert chosen.json()["connection_id"] == public_id("con", two)


async def test_a_key_of_today_wins_over_one_that_was(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    moved = await mirror.issue(jira, "E-1")
    await mirror.issue(jira, "D-1", "Today's")
    await mirror.insert("issue_keys", connection_id=jira, key="D-1", jira_id=moved.jira_id)
    assert (await gateway.as_tenant(mirror.tenant).get("/issues/D-1")).json()["summary"] == "Today's"


async def test_restricted_parts_are_nowhere(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    issue = await mirror.issue(jira, "D-1")
    secret = await mirror.issue(jira, "S-1", security_level_id="10")
    hidden_file = await mirror.attachment(secret, "plan.pdf")
    await mirror.comment(issue, "for all")
    await mirror.comment(issue, "for few", visibility="role:Administrators")
    await mirror.worklog(issue, visibility="group:staff")
    await mirror.link(issue, secret)
    await mirror.change(issue, {"field": "Link", "to": "S-1", "to_text": "This issue blocks S-1"})
    await mirror.change(issue, {"field": "Comment", "from_text": "for few"}, {"field": "status", "to_text": "Done"})
    client = gateway.as_tenant(mirror.tenant)
    answer = await client.get("/issues/D-1", expand=ALL)
    assert "for few" not in answer.text
    assert "S-1" not in answer.text
    shown = answer.json()
    assert (shown["comments"]["total"], shown["worklogs"]["total"], shown["links"]["total"]) == (1, 0, 0)
    assert [each["changes"] for each in shown["history"]["items"]] == [[{"field": "status", "to_text": "Done"}]]
    assert shown["history"]["total"] == 1, "a number that does not fit tells that something is hidden"
    for path in ("/issues/S-1", f"/issues/{public_id('iss', secret.issue_id)}", "/issues/S-1/comments"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(f"/attachments/{public_id('att', hidden_file)}/content")).status_code == 404


@pytest.mark.parametrize("kind", ["comments", "worklogs", "history", "attachments"])
async def test_collections_page_without_gaps(gateway: Gateway, mirror: MirrorSeed, kind: str) -> None:
    jira = await mirror.jira()
    issue = await mirror.issue(jira, "D-1")
    add = {"comments": mirror.comment, "worklogs": mirror.worklog, "attachments": mirror.attachment}
    for number in range(7):
        if kind == "history":
            await mirror.change(issue, {"field": "status", "to_text": str(number)}, created=START)
        else:
            await add[kind](issue, created=START)
    client = gateway.as_tenant(mirror.tenant)
    items = await client.items(f"/issues/D-1/{kind}", limit=3)
    assert len({each["id"] for each in items}) == 7
    page = (await client.get(f"/issues/D-1/{kind}", limit=3)).json()
    assert page["total"] == 7
    await mirror.issue(jira, "D-2")
    stolen = await client.get(f"/issues/D-2/{kind}", cursor=page["next_cursor"])
    assert stolen.json()["code"] == "query.invalid_cursor"


async def test_a_change_shows_at_once_although_bodies_are_cached(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    issue = await mirror.issue(jira, "D-1")
    comment = await mirror.comment(issue, "*one*")
    client = gateway.as_tenant(mirror.tenant)
    for text in ("*one*", "*two*", "*one*", "*three*"):
        await mirror.connection.execute("UPDATE jira.comments SET body = $1 WHERE jira_id = $2", text, comment)
        for _ in range(2):
            shown = (await client.get("/issues/D-1/comments")).json()["items"][0]["body"]
            assert shown["text"] == text.strip("*")
