"""After the storm: nothing lost, nothing doubled, nothing shown that is hidden, no bug and no secret in any log."""

import io
import random

import httpx
import pikepdf
import pytest
from bus_and_tables import FEEDS, Bus, child_counts, feed, published_by, read_bus, rows
from log_reading import bugs, leaks
from ordering import ENDED
from storm import Storm, say

from common.testing.system import System


@pytest.fixture(scope="module")
def bus(storm: Storm) -> Bus:
    return read_bus(storm.system.env["KAFKA_BOOTSTRAP"])


def test_the_storm_was_one(storm: Storm) -> None:
    for life in storm.lives.values():
        assert sum(life.done.values()) > 5 * len(storm.rounds)
    assert storm.orders.accepted
    assert storm.reader.answers.get(200, 0) > 10
    assert storm.listener.known.events > 0


def test_the_mirror_equals_what_jira_shows(storm: Storm, personality: str) -> None:
    assert storm.differences(personality) == []


def test_comments_worklogs_and_history_of_every_issue_are_complete(storm: Storm, personality: str) -> None:
    counts = child_counts(storm.system.env["DATABASE_URL"])
    address = storm.system.simulator(personality).url
    wrong = []
    for issue in storm.issues(personality):
        truth = (len(issue["comments"]), len(issue["worklogs"]), issue["changes"])
        if counts.get((address, int(issue["id"]))) != truth:
            wrong.append(f"{issue['key']}: Jira has {truth}, the mirror {counts.get((address, int(issue['id'])))}")
    assert wrong == []


def _naming_others(storm: Storm, personality: str, jira_id: str) -> int:
    """History entries that may be left out, because they name another issue, which may be hidden or gone."""
    query = f"""SELECT count(*) AS found FROM jira.history JOIN jira.connections USING (tenant_id, connection_id)
        WHERE base_url LIKE '{storm.system.simulator(personality).url}%' AND issue_jira_id = {int(jira_id)}
        AND changes ~* '"field":"(link|parent|comment|epic)'"""  # noqa: S608 - an address and a number of our own
    return int(rows(storm.system.env["DATABASE_URL"], query)[0]["found"])


def test_history_and_comments_are_told_as_they_are_stored(storm: Storm, personality: str) -> None:
    truth = {str(issue["id"]): issue for issue in storm.visible(personality)}
    touched = sorted(storm.lives[personality].touched & truth.keys())
    for jira_id in random.Random(storm.seed).sample(touched, min(15, len(touched))):
        issue = truth[jira_id]
        tail = f"?connection={storm.connections[personality]['id']}"
        assert storm.system.get(f"/issues/{issue['key']}/history{tail}")["total"] == issue["changes"]
        shown = storm.system.pages(f"/issues/{issue['key']}/history{tail}")
        assert issue["changes"] - _naming_others(storm, personality, jira_id) <= len(shown) <= issue["changes"]
        assert len(storm.system.pages(f"/issues/{issue['key']}/comments{tail}")) <= len(issue["comments"])


def test_restricted_and_deleted_issues_are_not_to_be_seen(storm: Storm, personality: str) -> None:
    hidden = [issue["key"] for issue in storm.issues(personality) if issue["security"]]
    assert hidden
    tail = f"?connection={storm.connections[personality]['id']}"
    for key in hidden:
        for path in (f"/issues/{key}{tail}", f"/issues/{key}/comments{tail}", f"/issues/{key}/pdf{tail}"):
            assert storm.system.call("GET", path).status_code == httpx.codes.NOT_FOUND, path
    gone = storm.lives[personality].deleted
    items = storm.system.pages(f"/issues{tail}")
    assert not gone & {item["jira_id"] for item in items}


def test_every_accepted_export_has_ended_and_its_document_opens(storm: Storm) -> None:
    ends: dict[str, int] = {}
    for export, state in storm.exports().items():
        ends[state["status"]] = ends.get(state["status"], 0) + 1
        assert state["status"] in ENDED, state
        if state["status"] in {"finished", "finished_with_gaps"}:
            content = storm.system.call("GET", f"/exports/{export}/content", follow_redirects=True)
            assert content.status_code == httpx.codes.OK, content.text[:300]
            with pikepdf.open(io.BytesIO(content.content)) as document:
                assert len(document.pages) == state["progress"]["pages"] > 0
            assert len(content.content) == state["size"]
        else:
            assert state["error"]["code"], state
    say(f"exports ended as {ends}")
    assert ends.get("finished", 0) > 0


def test_the_listener_knows_the_last_state_of_every_issue(storm: Storm) -> None:
    assert storm.unheard() == []
    assert storm.listener.known.odd == []
    # Whoever's connection broke came back with all that it had missed.
    assert storm.listener.known.recovered > 0 or storm.listener.known.connects == 1


def test_users_saw_nothing_but_answers_and_honest_problems(storm: Storm) -> None:
    assert storm.reader.odd == []
    assert storm.orders.odd == []


@pytest.mark.parametrize("table", FEEDS)
def test_positions_are_dense_and_all_of_them_are_published(storm: Storm, bus: Bus, table: str) -> None:
    found = feed(storm.system.env["DATABASE_URL"], table)
    assert found.waiting == 0
    assert found.count == found.last - found.first + 1
    assert found.ordered == found.published == found.last
    assert published_by(bus, FEEDS[table]) == set(range(1, found.last + 1))


def test_the_bus_keeps_the_order_of_each_key(bus: Bus) -> None:
    assert bus.out_of_order == []


def test_nothing_became_a_dead_letter(storm: Storm, bus: Bus) -> None:
    assert {topic: count for topic, count in bus.dead.items() if count} == {}
    query = "SELECT state, reason, count(*) FROM jira_private.webhook_inbox WHERE state <> 'done' GROUP BY 1, 2"
    assert rows(storm.system.env["DATABASE_URL"], query) == []


def test_no_log_tells_of_a_bug(storm: Storm) -> None:
    found = list(bugs(storm.system.run))
    assert found == [], f"{len(found)} lines"


def test_no_secret_stands_in_a_log_or_on_the_bus(storm: Storm, bus: Bus, system: System) -> None:
    names = ("DEMO_PASSWORD", "OPERATOR_PASSWORD", "SIM_TOKEN", "SIM_DC_PASSWORD", "S3_SECRET_KEY")
    more = {name: system.env[name] for name in names}
    more |= {name: system.tokens[name] for name in ("access_token", "refresh_token")}
    assert list(leaks(storm.system.run, more, {"the bus": b"\n".join(bus.raw)})) == []
