"""What a change leaves behind: history, `updated`, the index, the truth."""

import pytest

from jira_simulator.model.times import utc_time


def current(bench, number):
    return bench.service.site.issues[int(number)]


async def truth_of(bench, number):
    items = (await bench.door("/issues", method="GET"))["items"]
    return next(item for item in items if item["id"] == str(number))


async def test_an_edit_through_the_doors_has_history_and_moves_updated(either):
    before = current(either, 10_003)
    await either.door(
        f"/issues/{before.key}/edit",
        {"fields": {"summary": "Checkout page says thank you", "priority": "Lowest", "labels": ["zebra", "apple"]}},
    )
    after = current(either, 10_003)
    change = after.changes[-1]
    assert after.updated == change.at > before.updated
    assert len(after.changes) == len(before.changes) + 1
    by_field = {item.field: item for item in change.items}
    assert by_field["summary"].before_text == before.summary
    assert by_field["summary"].after_text == "Checkout page says thank you"
    assert by_field["labels"].after_text == "apple zebra"
    assert (by_field["priority"].after, by_field["priority"].after_text) == ("5", "Lowest")


async def test_an_edit_that_changes_nothing_leaves_no_trace(either):
    before = current(either, 10_003)
    await either.door("/issues/10003/edit", {"fields": {"summary": before.summary}})
    assert current(either, 10_003) is before


async def test_every_generated_history_leads_to_the_present(either):
    """Each entry begins where the one before ended, and the last one ends at the current value."""
    site = either.service.site
    statuses = 0
    for issue in site.issues.values():
        last = {}
        for change in issue.changes:
            for item in change.items:
                if item.field in last:
                    assert item.before_text == last[item.field]
                last[item.field] = item.after_text
        if "status" in last:
            statuses += 1
            assert last["status"] == site.catalogue.statuses[issue.status].name
        if "assignee" in last:
            assert last["assignee"] == (site.users[issue.assignee].display_name if issue.assignee else None)
        assert issue.updated >= max((change.at for change in issue.changes), default=issue.created)
    assert statuses > 50


async def test_a_comment_moves_updated_but_leaves_no_history(either):
    before = current(either, 10_004)
    await either.door("/issues/10004/edit", {"comment": "h2. Looks good"})
    after = current(either, 10_004)
    assert after.updated > before.updated
    assert after.changes == before.changes
    comment = after.comments[-1]
    v2 = (await either.jira.get(f"/rest/api/2/issue/10004/comment/{comment.id}")).json()
    assert v2["body"] == "h2. Looks good"
    if either.service.site.cloud:
        v3 = (await either.jira.get(f"/rest/api/3/issue/10004/comment/{comment.id}")).json()
        assert v3["body"]["content"][0]["type"] == "heading"


async def test_a_comment_can_be_changed_and_deleted_through_the_doors(either):
    await either.door(
        "/issues/10004/edit", {"comment": {"body": "first", "visibility": {"type": "role", "value": "X"}}}
    )
    made = current(either, 10_004).comments[-1]
    assert made.visibility is not None
    await either.door("/issues/10004/edit", {"comment": {"id": str(made.id), "body": "second"}})
    assert current(either, 10_004).comments[-1].body.wiki() == "second"
    await either.door("/issues/10004/edit", {"comment": {"id": str(made.id), "delete": True}})
    assert made.id not in [comment.id for comment in current(either, 10_004).comments]


async def test_work_is_logged_and_a_deleted_worklog_is_reported(either):
    await either.door("/issues/10005/edit", {"worklog": "1h 30m"})
    worklog = current(either, 10_005).worklogs[-1]
    assert worklog.seconds == 5400
    either.clock.forward(120_000)
    updated = (await either.jira.get("/rest/api/2/worklog/updated", params={"since": worklog.updated})).json()
    assert [value["worklogId"] for value in updated["values"]] == [worklog.id]
    listed = (await either.jira.post("/rest/api/2/worklog/list", json={"ids": [worklog.id]})).json()
    assert (listed[0]["id"], listed[0]["issueId"]) == (str(worklog.id), "10005")
    await either.door("/issues/10005/edit", {"worklog": {"id": worklog.id, "delete": True}})
    either.clock.forward(30_000)
    assert (await either.jira.get("/rest/api/2/worklog/deleted")).json()["values"] == []
    either.clock.forward(40_000)
    deleted = (await either.jira.get("/rest/api/2/worklog/deleted")).json()
    assert [value["worklogId"] for value in deleted["values"]] == [worklog.id]


async def test_entering_a_done_status_resolves_and_leaving_it_reopens(cloud):
    made = await cloud.door("/issues", {"project": "SHOP", "fields": {"summary": "Fresh issue"}})
    await cloud.door(f"/issues/{made['key']}/edit", {"transition": "Closed"})
    closed = current(cloud, made["id"])
    assert closed.resolution is not None
    assert closed.resolved is not None
    await cloud.door(f"/issues/{made['key']}/edit", {"transition": "In Progress"})
    assert current(cloud, made["id"]).resolution is None


async def test_transition_ids_differ_from_workflow_to_workflow(cloud):
    simple = await cloud.door("/issues", {"project": "SHOP", "fields": {"summary": "Simple workflow"}})
    classic = await cloud.door("/issues", {"project": "OPS", "fields": {"summary": "Classic workflow"}})
    offered = []
    for made in (simple, classic):
        shape = (await cloud.jira.get(f"/rest/api/3/issue/{made['key']}/transitions")).json()
        offered.append({entry["id"]: entry["to"]["name"] for entry in shape["transitions"]})
    assert offered[0] == {"21": "In Progress", "31": "In Review", "41": "Blocked", "51": "Closed"}
    assert offered[1] == {"4": "In Progress", "5": "Resolved", "2": "Closed"}
    refused = await cloud.jira.post(f"/rest/api/3/issue/{simple['key']}/transitions", json={"transition": {"id": "4"}})
    assert refused.status_code == 400
    done = await cloud.jira.post(f"/rest/api/3/issue/{classic['key']}/transitions", json={"transition": {"id": "4"}})
    assert done.status_code == 204


async def test_a_moved_issue_keeps_its_id_and_answers_to_its_old_key(either):
    site = either.service.site
    issue = next(
        i for i in site.issues.values() if not site.children.get(i.id) and not site.projects[i.project].private
    )
    target = next(p for p in site.projects.values() if p.id != issue.project and p.state == "live" and not p.private)
    moved = await either.door(f"/issues/{issue.key}/move", {"project": target.key})
    assert moved["id"] == str(issue.id)
    assert moved["key"].startswith(target.key + "-")
    answer = await either.jira.get(f"/rest/api/2/issue/{issue.key}")
    assert answer.status_code == 200
    assert answer.json()["key"] == moved["key"]
    items = {item.field: item for item in current(either, issue.id).changes[-1].items}
    assert (items["Key"].before_text, items["Key"].after_text) == (issue.key, moved["key"])
    assert items["project"].after == str(target.id)
    again = (await either.jira.get(f"/rest/api/2/issue/{issue.key}")).json()
    assert again["id"] == str(issue.id)


async def test_a_deleted_issue_is_gone_everywhere(either):
    issue = next(i for i in either.service.site.issues.values() if not either.service.site.children.get(i.id))
    await either.door(f"/issues/{issue.key}/delete")
    assert (await either.jira.get(f"/rest/api/2/issue/{issue.id}")).status_code == 404
    assert str(issue.id) not in await either.found("created > 0")
    assert all(item["id"] != str(issue.id) for item in (await either.door("/issues", method="GET"))["items"])


async def test_restricting_hides_from_the_limited_account_and_null_shows_again(either):
    site = either.service.site
    issue = next(i for i in site.issues.values() if not i.security and not site.projects[i.project].private)
    path = f"/rest/api/2/issue/{issue.id}"
    assert (await either.limited.get(path)).status_code == 200
    await either.door(f"/issues/{issue.key}/restrict", {"level": "Confidential"})
    assert (await either.limited.get(path)).status_code == 404
    assert (await either.jira.get(path)).json()["fields"]["security"]["name"] == "Confidential"
    assert (await truth_of(either, issue.id))["security"] == "Confidential"
    await either.door(f"/issues/{issue.key}/restrict", {"level": None})
    assert (await either.limited.get(path)).status_code == 200


async def test_the_truth_has_exactly_the_agreed_fields_and_its_digest_follows_every_change(either):
    item = await truth_of(either, 10_006)
    assert list(item) == [
        "id", "key", "summary", "status", "assignee", "labels", "created", "updated", "security", "comments",
        "worklogs", "changes", "digest",
    ]  # fmt: skip
    issue = current(either, 10_006)
    assert item["updated"] == utc_time(issue.updated)
    assert item["changes"] == len(issue.changes)
    assert (await truth_of(either, 10_006))["digest"] == item["digest"]
    seen = {item["digest"]}
    for what in ({"fields": {"description": "other"}}, {"comment": "x"}, {"worklog": "5m"}, {"fields": {"labels": []}}):
        await either.door("/issues/10006/edit", what)
        seen.add((await truth_of(either, 10_006))["digest"])
    assert len(seen) >= 4


async def test_the_index_lags_and_reconcile_looks_at_the_issue_itself(cloud):
    await cloud.door("/faults", {"index_lag_ms": 60_000})
    made = await cloud.door("/issues", {"project": "SHOP", "fields": {"summary": "Hidden from search"}})
    await cloud.door("/issues/10001/edit", {"fields": {"summary": "Renamed behind the index"}})
    assert made["id"] not in await cloud.found("project = SHOP")
    assert await cloud.found("summary ~ 'Renamed'") == []
    assert (await cloud.jira.get(f"/rest/api/3/issue/{made['id']}")).status_code == 200
    fetched = await cloud.jira.post("/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": [made["id"]]})
    assert len(fetched.json()["issues"]) == 1
    assert made["id"] in await cloud.found("project = SHOP", reconcileIssues=[int(made["id"])])
    assert await cloud.found("summary ~ 'Renamed'", reconcileIssues=[10_001]) == ["10001"]
    body = {"jql": "id = 10001", "fields": ["summary"]}
    stale = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()["issues"][0]
    assert stale["fields"]["summary"] != "Renamed behind the index"
    cloud.clock.forward(61_000)
    assert made["id"] in await cloud.found("project = SHOP")
    assert await cloud.found("summary ~ 'Renamed'") == ["10001"]


async def test_a_deleted_issue_stays_in_a_lagging_index_as_a_bare_id(cloud):
    await cloud.door("/faults", {"index_lag_ms": 60_000})
    issue = next(i for i in cloud.service.site.issues.values() if not cloud.service.site.children.get(i.id))
    await cloud.door(f"/issues/{issue.key}/delete")
    assert str(issue.id) in await cloud.found("created > 0")
    assert str(issue.id) not in await cloud.found("created > 0 ORDER BY created", fields=["summary"])
    await cloud.door("/faults", method="DELETE")
    assert str(issue.id) not in await cloud.found("created > 0")


async def test_rest_insists_on_the_text_form_of_its_version(cloud):
    adf = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi"}]}]}
    assert (
        await cloud.jira.put("/rest/api/3/issue/10001", json={"fields": {"description": "text"}})
    ).status_code == 400
    assert (await cloud.jira.put("/rest/api/2/issue/10001", json={"fields": {"description": adf}})).status_code == 400
    assert (await cloud.jira.put("/rest/api/3/issue/10001", json={"fields": {"description": adf}})).status_code == 204
    v3 = (await cloud.jira.get("/rest/api/3/issue/10001")).json()
    assert v3["fields"]["description"] == adf
    assert (await cloud.jira.get("/rest/api/2/issue/10001")).json()["fields"]["description"] == "Hi"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"summary": ""}, "summary"),
        ({"summary": "x" * 256}, "summary"),
        ({"labels": ["two words"]}, "labels"),
        ({"priority": "High"}, "priority"),
        ({"priority": {"name": "Nope"}}, "priority"),
        ({"assignee": {"accountId": "ghost"}}, "assignee"),
        ({"duedate": "tomorrow"}, "duedate"),
        ({"customfield_10016": "three"}, "customfield_10016"),
        ({"customfield_99999": 1}, "customfield_99999"),
        ({"status": {"name": "Closed"}}, "status"),
    ],
)
async def test_a_bad_value_is_refused_with_the_name_of_its_field(cloud, fields, named):
    answer = await cloud.jira.put("/rest/api/3/issue/10001", json={"fields": fields})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [named]


async def test_an_issue_is_created_changed_and_deleted_over_rest(either):
    key = "SHOP" if either.service.site.cloud else "CORE"
    fields = {"project": {"key": key}, "issuetype": {"name": "Bug"}, "summary": "Made over REST", "labels": ["one"]}
    made = await either.jira.post("/rest/api/2/issue", json={"fields": fields})
    assert made.status_code == 201
    path = f"/rest/api/2/issue/{made.json()['key']}"
    update = {"update": {"labels": [{"add": "two"}, {"remove": "one"}]}, "fields": {"priority": {"name": "High"}}}
    assert (await either.jira.put(path, json=update)).status_code == 204
    shape = (await either.jira.get(path)).json()["fields"]
    assert (shape["labels"], shape["priority"]["name"]) == (["two"], "High")
    assert (await either.limited.delete(path)).status_code == 403
    assert (await either.jira.delete(path)).status_code == 204
    assert (await either.jira.get(path)).status_code == 404


async def test_what_nobody_built_is_501_and_named(either):
    for path in ("/rest/api/2/dashboard", "/rest/agile/1.0/board", "/rest/api/2/issue/createmeta"):
        answer = await either.jira.get(path)
        assert answer.status_code == 501
        assert path in answer.json()["errorMessages"][0]


async def test_field_and_field_search_answer_different_sets(cloud):
    plain = {field["id"] for field in (await cloud.jira.get("/rest/api/3/field")).json()}
    paged = (await cloud.jira.get("/rest/api/3/field/search", params={"maxResults": 100})).json()
    found = {field["id"] for field in paged["values"]}
    assert plain - found
    assert found - plain == {"customfield_10040"}


async def test_a_field_of_one_project_is_only_in_its_issues(cloud):
    for key, there in (("MOB-1", True), ("SHOP-1", False)):
        shape = (await cloud.jira.get(f"/rest/api/3/issue/{key}")).json()
        assert ("customfield_10040" in shape["fields"]) is there
