"""Who is let in, and how Jira says so."""

import base64
from typing import Any

import pytest


@pytest.fixture
def basic() -> Any:
    return lambda name, secret: {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


async def test_a_wrong_token_is_401_on_cloud(cloud, basic):
    answer = await cloud.guest.get("/rest/api/3/myself", headers=basic("sim@example.com", "wrong"))
    assert answer.status_code == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


async def test_a_wrong_password_is_a_401_page_on_data_center(datacenter, basic):
    answer = await datacenter.guest.get("/rest/api/2/myself", headers=basic("sim", "wrong"))
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["X-AUSERNAME"] == "anonymous"


async def test_a_guest_finds_nothing_with_status_200(either):
    if either.service.site.cloud:
        answer = await either.guest.get("/rest/api/3/search/jql", params={"jql": "created > 0"})
    else:
        answer = await either.guest.get("/rest/api/2/search", params={"jql": "created > 0"})
        assert answer.headers["X-AUSERNAME"] == "anonymous"
    assert answer.status_code == 200
    assert answer.json()["issues"] == []


async def test_myself_refuses_a_guest(either):
    assert (await either.guest.get("/rest/api/2/myself")).status_code == 401


async def test_data_center_takes_a_personal_access_token(datacenter):
    answer = await datacenter.guest.get("/rest/api/2/myself", headers={"Authorization": "Bearer sim-dc-pat"})
    assert answer.json()["name"] == "sim"
    wrong = await datacenter.guest.get("/rest/api/2/myself", headers={"Authorization": "Bearer nope"})
    assert wrong.status_code == 401


async def test_cloud_knows_no_bearer_token(cloud):
    answer = await cloud.guest.get("/rest/api/3/myself", headers={"Authorization": "Bearer sim-dc-pat"})
    assert answer.status_code == 401


async def test_the_limited_account_misses_the_private_project_and_restricted_issues(either):
    site = either.service.site
    private = next(project for project in site.projects.values() if project.private)
    hidden = {issue.id for issue in site.issues.values() if issue.project == private.id or issue.security}
    assert hidden
    for number in hidden:
        assert (await either.limited.get(f"/rest/api/2/issue/{number}")).status_code == 404
    assert (await either.limited.get(f"/rest/api/2/project/{private.key}")).status_code == 404
    assert (await either.jira.get(f"/rest/api/2/project/{private.key}")).status_code == 200


async def test_comments_for_a_role_are_hidden_from_those_outside_it(either):
    site = either.service.site
    issue = next(
        issue
        for issue in site.issues.values()
        if not issue.security
        and not site.projects[issue.project].private
        and any(comment.visibility for comment in issue.comments)
    )
    seen = (await either.limited.get(f"/rest/api/2/issue/{issue.id}/comment")).json()["total"]
    assert seen == sum(comment.visibility is None for comment in issue.comments)
    assert (await either.jira.get(f"/rest/api/2/issue/{issue.id}/comment")).json()["total"] == len(issue.comments)


async def test_worklogs_for_a_role_are_hidden_from_those_outside_it(either):
    site = either.service.site
    open_to_all = (one for one in site.issues.values() if not one.security and not site.projects[one.project].private)
    number = next(open_to_all).id
    work = {"timeSpent": "1h", "visibility": {"type": "role", "value": "Administrators"}}
    for worklog in ("2h", work):
        await either.door(f"/issues/{number}/edit", {"worklog": worklog})
    path = f"/rest/api/2/issue/{number}/worklog"
    shown = (await either.jira.get(path)).json()["worklogs"]
    assert shown[-1]["visibility"] == work["visibility"]
    seen = (await either.limited.get(path)).json()
    assert seen["total"] == len(shown) - 1
    assert shown[-1]["id"] not in [entry["id"] for entry in seen["worklogs"]]
    assert (await either.limited.get(f"{path}/{shown[-1]['id']}")).status_code == 404
