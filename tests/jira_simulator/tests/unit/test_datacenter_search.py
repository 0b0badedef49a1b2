"""The traps of Data Center's search: silent ceiling, window, shifting rows, missing resources."""

from typing import Any

import pytest

from jira_simulator.model.records import Personality


async def asked(bench, **params: Any):
    return await bench.jira.get("/rest/api/2/search", params=params)


async def test_a_page_has_total_and_the_page_size_that_was_used(datacenter):
    page = (await asked(datacenter, jql="created > 0")).json()
    assert (page["startAt"], page["maxResults"], page["total"], len(page["issues"])) == (0, 50, 120, 50)


async def test_the_ceiling_of_a_thousand_is_applied_in_silence(datacenter):
    answer = await asked(datacenter, jql="created > 0", maxResults=5000)
    assert answer.status_code == 200
    assert answer.json()["maxResults"] == 1000


async def test_the_window_ends_at_ten_thousand(datacenter):
    assert (await asked(datacenter, jql="created > 0", startAt=9990)).status_code == 200
    answer = await asked(datacenter, jql="created > 0", startAt=10_000)
    assert answer.status_code == 400
    assert "Search limit exceeded" in answer.json()["errorMessages"][0]


async def test_rows_shift_under_offset_paging_when_issues_change(datacenter):
    jql = "created > 0 ORDER BY updated ASC, key ASC"
    first = (await asked(datacenter, jql=jql, maxResults=60)).json()["issues"]
    for issue in first[:10]:
        await datacenter.door(f"/issues/{issue['id']}/edit", {"fields": {"summary": "Touched"}})
    second = (await asked(datacenter, jql=jql, maxResults=60, startAt=60)).json()["issues"]
    assert len({issue["id"] for issue in first + second}) == 110


async def test_rows_with_equal_values_have_no_stable_order(datacenter):
    jql = "created > 0 ORDER BY project"
    before = await datacenter.found(jql)
    await datacenter.door("/issues/10001/edit", {"fields": {"summary": "Touched"}})
    after = await datacenter.found(jql)
    assert before != after
    assert set(before) == set(after)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/rest/api/3/myself"),
        ("GET", "/rest/api/2/search/jql"),
        ("GET", "/rest/api/2/issue/CORE-1/changelog"),
        ("POST", "/rest/api/2/issue/bulkfetch"),
        ("GET", "/rest/api/2/project/search"),
        ("GET", "/rest/api/2/attachment/content/1"),
    ],
)
async def test_what_only_cloud_has_is_404(datacenter, method, path):
    assert (await datacenter.jira.request(method, path, json={} if method == "POST" else None)).status_code == 404


async def test_the_whole_history_comes_with_the_issue(datacenter):
    changed = max(datacenter.service.site.issues.values(), key=lambda issue: len(issue.changes))
    shape = (await datacenter.jira.get(f"/rest/api/2/issue/{changed.id}?expand=changelog")).json()["changelog"]
    assert len(shape["histories"]) == shape["total"] == len(changed.changes) > 100
    assert all("fieldId" not in item for entry in shape["histories"] for item in entry["items"])


async def test_an_unknown_issue_in_a_query_is_an_error_here_and_silence_on_cloud(either):
    found = await either.jira.request(
        "GET",
        "/rest/api/2/search/jql" if either.service.site.cloud else "/rest/api/2/search",
        params={"jql": "id > 99999999"},
    )
    if either.service.site.personality is Personality.CLOUD:
        assert found.json()["issues"] == []
    else:
        assert found.status_code == 400
        assert "99999999" in found.json()["errorMessages"][0]


async def test_id_greater_than_means_later_in_the_same_project(either):
    site = either.service.site
    bound = sorted(site.issues.values(), key=lambda issue: issue.number)[20]
    expected = {str(i.id) for i in site.issues.values() if i.project == bound.project and i.number > bound.number}
    assert set(await either.found(f"id > {bound.id}")) == expected
