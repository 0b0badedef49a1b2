"""The traps of Cloud's search: tokens, bounds, defaults, cuts."""

import pytest


async def pages(bench, body):
    token, found = None, []
    while True:
        asked = body | ({"nextPageToken": token} if token else {})
        answer = await bench.jira.post("/rest/api/3/search/jql", json=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found.append(page)
        token = page.get("nextPageToken")
        if token is None:
            return found


async def test_the_default_fields_are_the_id_alone(cloud):
    page = (await cloud.jira.get("/rest/api/3/search/jql", params={"jql": "project = SHOP"})).json()
    assert page["issues"]
    assert all(set(issue) == {"id"} for issue in page["issues"])
    assert "total" not in page
    assert "startAt" not in page


async def test_the_last_page_has_no_token(cloud):
    found = await pages(cloud, {"jql": "created > 0 ORDER BY created", "maxResults": 50})
    assert len(found) == 3
    assert [page["isLast"] for page in found] == [False, False, True]
    ids = [issue["id"] for page in found for issue in page["issues"]]
    assert len(ids) == len(set(ids)) == 120


async def test_an_issue_that_moves_while_paging_is_seen_again_and_none_is_skipped(cloud):
    body = {"jql": "created > 0 ORDER BY updated ASC", "maxResults": 40}
    first = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()
    moved = [issue["id"] for issue in first["issues"][:5]] + [first["issues"][-1]["id"]]
    for number in moved:
        await cloud.door(f"/issues/{number}/edit", {"fields": {"summary": f"Touched {number}"}})
    seen, token = [issue["id"] for issue in first["issues"]], first["nextPageToken"]
    while token:
        page = (await cloud.jira.post("/rest/api/3/search/jql", json=body | {"nextPageToken": token})).json()
        seen += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
    assert len(set(seen)) == 120
    assert seen[-len(moved) :] == moved


@pytest.mark.parametrize("jql", ["", "ORDER BY key", "  "])
async def test_an_unbounded_query_is_refused_with_jiras_sentence(cloud, jql):
    answer = await cloud.jira.get("/rest/api/3/search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert "Unbounded JQL queries are not allowed here" in answer.json()["errorMessages"][0]
    count = await cloud.jira.post("/rest/api/3/search/approximate-count", json={"jql": jql})
    assert count.status_code == 400


async def test_the_approximate_count_counts(cloud):
    answer = await cloud.jira.post("/rest/api/3/search/approximate-count", json={"jql": "created > 0"})
    assert answer.json() == {"count": 120}


async def test_a_token_expires_after_seven_days(cloud):
    body = {"jql": "created > 0", "maxResults": 5}
    token = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()["nextPageToken"]
    again = body | {"nextPageToken": token}
    cloud.clock.forward(6 * 86_400_000)
    assert (await cloud.jira.post("/rest/api/3/search/jql", json=again)).status_code == 200
    cloud.clock.forward(2 * 86_400_000)
    answer = await cloud.jira.post("/rest/api/3/search/jql", json=again)
    assert answer.status_code == 400
    assert "expired" in answer.json()["errorMessages"][0]


async def test_a_token_belongs_to_its_query_and_account(cloud):
    body = {"jql": "created > 0", "maxResults": 5}
    token = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()["nextPageToken"]
    other = {"jql": "created > 1", "nextPageToken": token}
    assert (await cloud.jira.post("/rest/api/3/search/jql", json=other)).status_code == 400
    assert (await cloud.limited.post("/rest/api/3/search/jql", json=body | {"nextPageToken": token})).status_code == 400
    broken = body | {"nextPageToken": "AAAA" + token[4:]}
    assert (await cloud.jira.post("/rest/api/3/search/jql", json=broken)).status_code == 400
    assert (await cloud.jira.post("/rest/api/3/search/jql", json=body | {"nextPageToken": "é!"})).status_code == 400


async def test_many_fields_make_pages_shorter_than_asked_for(cloud):
    body = {"jql": "created > 0", "maxResults": 5000, "fields": ["*all"]}
    page = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()
    assert len(page["issues"]) == 100
    assert page["isLast"] is False
    ids = (await cloud.jira.post("/rest/api/3/search/jql", json={"jql": "created > 0", "maxResults": 5000})).json()
    assert len(ids["issues"]) == 120


async def test_expand_is_a_comma_text_even_in_a_post(cloud):
    body = {"jql": "created > 0", "fields": ["summary"], "expand": ["changelog"]}
    assert (await cloud.jira.post("/rest/api/3/search/jql", json=body)).status_code == 400


async def test_comments_and_history_are_cut_to_twenty_with_the_true_totals(cloud):
    site = cloud.service.site
    talked = max(site.issues.values(), key=lambda issue: len(issue.comments))
    changed = max(site.issues.values(), key=lambda issue: len(issue.changes))
    assert len(talked.comments) > 100
    assert len(changed.changes) > 100
    body = {"jql": f"key in ({talked.key}, {changed.key})", "fields": ["comment"], "expand": "changelog"}
    page = (await cloud.jira.post("/rest/api/3/search/jql", json=body)).json()
    shapes = {issue["id"]: issue for issue in page["issues"]}
    comments = shapes[str(talked.id)]["fields"]["comment"]
    assert (len(comments["comments"]), comments["total"]) == (20, len(talked.comments))
    history = shapes[str(changed.id)]["changelog"]
    assert (len(history["histories"]), history["total"]) == (20, len(changed.changes))
    assert history["histories"][0]["id"] == str(changed.changes[-1].id)


async def test_bulkfetch_cuts_as_well_and_the_issues_own_pages_are_whole(cloud):
    site = cloud.service.site
    talked = max(site.issues.values(), key=lambda issue: len(issue.comments))
    body = {"issueIdsOrKeys": [str(talked.id)], "fields": ["comment"]}
    issue = (await cloud.jira.post("/rest/api/3/issue/bulkfetch", json=body)).json()["issues"][0]
    assert len(issue["fields"]["comment"]["comments"]) == 100 < issue["fields"]["comment"]["total"]
    ids, start = [], 0
    while start < len(talked.comments):
        page = (await cloud.jira.get(f"/rest/api/3/issue/{talked.id}/comment", params={"startAt": start})).json()
        ids += [comment["id"] for comment in page["comments"]]
        start += len(page["comments"])
    assert ids == [str(comment.id) for comment in talked.comments]


async def test_the_changelog_of_an_issue_is_paged_oldest_first(cloud):
    changed = max(cloud.service.site.issues.values(), key=lambda issue: len(issue.changes))
    first = (await cloud.jira.get(f"/rest/api/3/issue/{changed.id}/changelog")).json()
    assert (len(first["values"]), first["isLast"], first["total"]) == (100, False, len(changed.changes))
    assert first["values"][0]["id"] == str(changed.changes[0].id)
    rest = (await cloud.jira.get(f"/rest/api/3/issue/{changed.id}/changelog", params={"startAt": 100})).json()
    assert rest["isLast"] is True
    assert "nextPage" not in rest


async def test_changelog_bulkfetch_pages_by_token(cloud):
    changed = max(cloud.service.site.issues.values(), key=lambda issue: len(issue.changes))
    body = {"issueIdsOrKeys": [changed.key], "maxResults": 60}
    first = (await cloud.jira.post("/rest/api/3/changelog/bulkfetch", json=body)).json()
    second = (
        await cloud.jira.post("/rest/api/3/changelog/bulkfetch", json=body | {"nextPageToken": first["nextPageToken"]})
    ).json()
    ids = [h["id"] for page in (first, second) for log in page["issueChangeLogs"] for h in log["changeHistories"]]
    assert ids == [str(change.id) for change in changed.changes][:120]


async def test_bulkfetch_leaves_out_what_is_not_there_and_orders_by_id(cloud):
    body = {"issueIdsOrKeys": ["10009", "10002", "99999999", "NOPE-1", "10005"], "fields": ["summary"]}
    answer = (await cloud.jira.post("/rest/api/3/issue/bulkfetch", json=body)).json()
    assert [issue["id"] for issue in answer["issues"]] == ["10002", "10005", "10009"]
    assert answer["issueErrors"] == []


async def test_bulkfetch_takes_at_most_a_hundred_and_an_array_of_expansions(cloud):
    many = {"issueIdsOrKeys": [str(number) for number in range(10001, 10102)]}
    assert (await cloud.jira.post("/rest/api/3/issue/bulkfetch", json=many)).status_code == 400
    text = {"issueIdsOrKeys": ["10001"], "expand": "changelog"}
    assert (await cloud.jira.post("/rest/api/3/issue/bulkfetch", json=text)).status_code == 400


async def test_the_removed_search_is_410_with_jiras_body(cloud):
    for version in (2, 3):
        answer = await cloud.jira.get(f"/rest/api/{version}/search", params={"jql": "project = SHOP"})
        assert answer.status_code == 410
        assert answer.json()["errorMessages"][0].startswith("The requested API has been removed. Please migrate to")
