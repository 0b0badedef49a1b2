"""What the simulator's JQL answers, and that it never ignores what it does not know."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest


def ids(bench, test):
    return {str(issue.id) for issue in bench.service.site.issues.values() if test(issue)}


async def refused(bench, jql):
    path = "/rest/api/2/search/jql" if bench.service.site.cloud else "/rest/api/2/search"
    answer = await bench.jira.get(path, params={"jql": jql})
    assert answer.status_code == 400, answer.text
    return " ".join(answer.json()["errorMessages"])


@pytest.mark.parametrize(
    ("jql", "named"),
    [
        ("project = SHOP AND watchers = currentUser()", "watchers"),
        ("project = SHOP AND sprint = 3", "sprint"),
        ("project = SHOP AND cf[10016] > 3", "cf[10016]"),
        ('project = SHOP AND "Story Points" > 3', "Story Points"),
        ("project = SHOP AND nonsense = 3", "nonsense"),
        ("project = SHOP AND assignee in membersOf(developers)", "membersOf"),
        ("project = SHOP AND created > startOfDay()", "startOfDay"),
        ("project = SHOP AND status WAS Open", "WAS"),
        ("project = SHOP AND status CHANGED", "CHANGED"),
        ("project = SHOP ORDER BY votes", "votes"),
        ("project = SHOP AND text ~ 'roam~'", "roam~"),
        ("project = SHOP AND labels > backend", "labels"),
        ("project = NOPE", "NOPE"),
        ("status = Nowhere", "Nowhere"),
        ("assignee = ghost", "ghost"),
    ],
)
async def test_what_cannot_be_evaluated_is_refused_by_name(cloud, jql, named):
    assert named in await refused(cloud, jql)


@pytest.mark.parametrize(
    "jql",
    [
        "project = ",
        "project SHOP",
        "project = SHOP AND",
        "(project = SHOP",
        "project in SHOP",
        "project = SHOP ORDER key",
        "project = SHOP)",
        "project = 'SHOP",
        "project = SHOP AND NOT",
        "created > 2024-13-99",
        "created > '2024-01-01 10:00:30'",
        "project = SHOP ORDER BY " + ", ".join(["key"] * 8),
    ],
)
async def test_what_is_not_jql_is_refused(cloud, jql):
    assert await refused(cloud, jql)


async def test_a_reserved_word_has_to_be_quoted(cloud):
    assert "reserved" in await refused(cloud, "project = START")
    assert await cloud.found('project = "START"') == await cloud.found("project = 'START'") != []


async def test_dates_are_read_in_the_time_zone_of_the_account(cloud):
    zone = ZoneInfo("America/New_York")
    edge = sorted(issue.created for issue in cloud.service.site.issues.values())[60]
    minute = datetime.fromtimestamp(edge / 1000, zone).replace(second=0, microsecond=0)
    bound = int(minute.timestamp() * 1000)
    expected = ids(cloud, lambda issue: issue.created >= bound)
    assert set(await cloud.found(f'created >= "{minute:%Y-%m-%d %H:%M}"')) == expected
    assert set(await cloud.found(f'created >= "{minute:%Y/%m/%d %H:%M}"')) == expected
    utc = minute.astimezone(ZoneInfo("UTC"))
    in_utc = set(await cloud.found(f'created >= "{utc:%Y-%m-%d %H:%M}"'))
    later = bound + (utc.replace(tzinfo=zone) - minute).total_seconds() * 1000
    assert in_utc == ids(cloud, lambda issue: issue.created >= later)


async def test_another_account_reads_the_same_date_differently(cloud):
    made = await cloud.door("/issues", {"project": "SHOP", "fields": {"summary": "Just now"}})
    moment = datetime.fromtimestamp(cloud.clock.ms / 1000, ZoneInfo("America/New_York"))
    jql = f'created >= "{moment.replace(second=0):%Y-%m-%d %H:%M}"'
    assert made["id"] in await cloud.found(jql)
    tokyo = await cloud.limited.get("/rest/api/3/search/jql", params={"jql": jql, "maxResults": 5000})
    assert made["id"] in [issue["id"] for issue in tokyo.json()["issues"]]
    ahead = datetime.fromtimestamp(cloud.clock.ms / 1000 + 3600, ZoneInfo("America/New_York"))
    jql = f'created >= "{ahead:%Y-%m-%d %H:%M}"'
    assert made["id"] not in await cloud.found(jql)
    tokyo = await cloud.limited.get("/rest/api/3/search/jql", params={"jql": jql, "maxResults": 5000})
    assert made["id"] in [issue["id"] for issue in tokyo.json()["issues"]]


async def test_bare_digits_are_absolute_milliseconds(either):
    edge = sorted(issue.updated for issue in either.service.site.issues.values())[60]
    assert set(await either.found(f"updated >= {edge}")) == ids(either, lambda issue: issue.updated >= edge)
    assert set(await either.found(f"updated > {edge}")) == ids(either, lambda issue: issue.updated > edge)


async def test_a_relative_moment_moves_with_the_clock(cloud):
    made = await cloud.door("/issues", {"project": "SHOP", "fields": {"summary": "Just now"}})
    assert await cloud.found("created >= -15m") == [made["id"]]
    cloud.clock.forward(16 * 60_000)
    assert await cloud.found("created >= -15m") == []


@pytest.mark.parametrize(
    ("jql", "test"),
    [
        ("assignee is EMPTY", lambda i: i.assignee is None),
        ("assignee is not EMPTY AND priority = High", lambda i: i.assignee and i.priority == "2"),
        ("labels = backend", lambda i: "backend" in i.labels),
        ("labels != backend", lambda i: i.labels and "backend" not in i.labels),
        ("labels not in (backend, frontend)", lambda i: i.labels and not {"backend", "frontend"} & set(i.labels)),
        ("statusCategory = Done", lambda i: i.status in {"5", "6"}),
        ('status in ("In Progress", Blocked)', lambda i: i.status in {"3", "10002"}),
        ("type = Bug OR type = Epic", lambda i: i.type in {"10004", "10000"}),
        ("NOT (type = Bug) AND NOT type = Epic", lambda i: i.type not in {"10004", "10000"}),
        ("priority > Medium", lambda i: i.priority in {"1", "2"}),
        ("resolution = Unresolved", lambda i: i.resolution is None),
        ("resolution is not EMPTY", lambda i: i.resolution is not None),
        ("parent is not EMPTY", lambda i: i.parent is not None),
        ("level = Internal", lambda i: i.security == "10020"),
        ("due is EMPTY", lambda i: i.due is None),
        ('due < "2026-06-01"', lambda i: i.due is not None and i.due < "2026-06-01"),
        ("component = API", lambda i: any(c.endswith("0") for c in i.components)),
        ("summary ~ 'checkout'", lambda i: "checkout" in i.summary.lower()),
    ],
)
async def test_clauses_mean_what_they_say(cloud, jql, test):
    found = set(await cloud.found(jql))
    assert found == ids(cloud, test)
    assert found


async def test_text_search_finds_the_beginning_of_a_word_in_any_text(cloud):
    found = set(await cloud.found("text ~ 'check*' && project != MOB"))
    assert found >= ids(cloud, lambda i: "checkout" in i.summary.lower() and not i.key.startswith("MOB")) != set()
    assert not {cloud.service.site.issues[int(entry)].key.split("-")[0] for entry in found} & {"MOB"}


async def test_keys_are_ordered_by_number(cloud):
    found = await cloud.found("project = SHOP ORDER BY key DESC")
    numbers = [cloud.service.site.issues[int(entry)].number for entry in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) > 10


async def test_the_archived_project_is_listed_only_on_request(cloud):
    live = (await cloud.jira.get("/rest/api/3/project/search")).json()
    assert "OLD" not in [project["key"] for project in live["values"]]
    archived = (await cloud.jira.get("/rest/api/3/project/search", params={"status": "archived"})).json()
    assert [project["key"] for project in archived["values"]] == ["OLD"]
