"""Every operation and its parameters, by members who may not see all: no answer names what is hidden from them."""

from collections.abc import Sequence

import httpx
import pytest
from surface.answers import difference
from surface.people import Person
from surface.readable import readable
from veil import Veil, hidden_filters, is_word_of

from common.testing.system import System


def _all_reads(veil: Veil, person: Person, query: dict[str, str] | None = None) -> list[tuple[str, httpx.Response]]:
    answers = []
    for things in veil.seen:
        for operation, named in veil.reads(things, query):
            path = veil.path(operation, things)
            answer = person.call("GET", path, params=named)
            answers.append((f"{path} {named}", answer))
            while cursor := _next(answer):
                answer = person.call("GET", path, params={**named, "cursor": cursor})
                answers.append((f"{path} {named} {cursor[:10]}…", answer))
    return answers


def _next(answer: httpx.Response) -> str | None:
    is_json = answer.headers.get("content-type", "").partition(";")[0] == "application/json"
    return answer.json().get("next_cursor") if is_json else None


def _unseen_by(role: str, veil: Veil) -> Sequence[str]:
    """An admin sees every project; only levels and classes are hidden from him."""
    if role != "admin":
        return ()
    shown = [veil.planted.elsewhere, *veil.planted.hidden_keys[2:], "Closed Laboratory"]
    issue = veil.owner.ask("GET", f"/issues/{veil.planted.elsewhere}?expand=comments,worklogs,attachments")
    ids = [one["id"] for kind in ("comments", "worklogs", "attachments") for one in issue[kind]["items"]]
    return [*shown, issue["id"], *ids, *(word for place, word in veil.planted.words.items() if place.startswith("lab"))]


def test_the_owner_is_shown_every_word_that_is_hidden_from_others(veil: Veil) -> None:
    """Otherwise the silence below would prove nothing."""
    shown = [readable(answer) for _, answer in _all_reads(veil, veil.owner)]
    for key in (veil.planted.restricted, veil.planted.elsewhere):
        answer = veil.owner.call("GET", f"/api/v1/issues/{key}?expand=comments,worklogs,attachments")
        shown.append(readable(answer))
    text = "\n".join(shown)
    assert [name for name, word in veil.planted.words.items() if word not in text] == []
    assert [secret for secret in veil.secrets if not is_word_of(secret, text)] == []


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_no_read_tells_what_is_hidden(veil: Veil, role: str) -> None:
    ignoring = _unseen_by(role, veil)
    faults = [
        f"{asked} tells {told}"
        for asked, answer in _all_reads(veil, veil.tenant.people[role])
        if (told := veil.told(answer, ignoring=ignoring))
    ]
    assert faults == []


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_hidden_things_are_answered_as_if_they_never_were(veil: Veil, role: str) -> None:
    person, faults, tried = veil.tenant.people[role], [], 0
    for operation, place, value, never in veil.trials():
        answer = veil.send(person, operation, place, value)
        like = veil.send(person, operation, place, never)
        tried += 1
        if said := difference(answer, value, like, never):
            faults.append(f"{operation} ({place} = {value}) is told from nothing: {said}")
        if told := veil.told(answer, asked=value):
            faults.append(f"{operation} ({place} = {value}) tells {told}")
    assert faults == []
    assert tried > 30


def test_a_set_with_a_hidden_issue_is_refused_like_one_with_none_such(veil: Veil) -> None:
    member = veil.tenant.people["member"]
    for hidden in veil.hidden["issue"]:
        for position in (0, 1):
            answers = []
            for value in (hidden, "ZZNEVER-1"):
                issues = [veil.planted.visible, veil.planted.moved]
                issues.insert(position, value)
                answers.append(member.call("POST", "/api/v1/exports", json={"source": {"issues": issues}}))
            assert difference(answers[0], hidden, answers[1], "ZZNEVER-1") is None


def test_filters_and_words_of_hidden_issues_find_nothing(veil: Veil) -> None:
    viewer, faults = veil.tenant.people["viewer"], []
    words = {
        "q": [*veil.planted.words.values(), veil.planted.restricted, veil.planted.elsewhere],
        **hidden_filters(veil.planted),
    }
    for operation in veil.operations:
        for name, values in words.items():
            if not operation.is_read or name not in operation.query_names:
                continue
            never = viewer.call("GET", operation.path, params={name: "zqnever", "count": "true"})
            for value in values:
                answer = viewer.call("GET", operation.path, params={name: value, "count": "true"})
                if said := difference(answer, value, never, "zqnever"):
                    faults.append(f"{operation} {name}={value}: {said}")
    assert faults == []


def test_a_search_with_words_of_hidden_texts_finds_and_highlights_nothing(veil: Veil) -> None:
    body = {"highlight": True, "count": True, "limit": 200}
    for role in ("viewer", "member"):
        person = veil.tenant.people[role]
        never = person.call("POST", "/api/v1/issues/search", json={**body, "q": "zqnever"})
        for word in veil.planted.words.values():
            for asked in (word, word[:-3]):
                answer = person.call("POST", "/api/v1/issues/search", json={**body, "q": asked})
                assert difference(answer, asked, never, "zqnever") is None, asked
    found = veil.owner.ask("POST", "/issues/search", json={**body, "q": veil.planted.words["role_comment"]})
    assert [item["key"] for item in found["items"]] == [veil.planted.visible]


def test_counts_are_those_of_what_may_be_seen(veil: Veil, system: System) -> None:
    viewer = veil.tenant.people["viewer"]
    seen = {str(item["key"]) for item in viewer.items("/issues?limit=100")}
    truth = {
        issue["key"]
        for issue in system.simulator("datacenter").truth()
        if not issue["security"] and not issue["key"].startswith("LAB-")
    }
    assert seen == truth
    assert viewer.ask("GET", "/issues?count=true&limit=1")["count"] == {"value": len(truth), "exact": True}
    for kind in ("comments", "worklogs", "history", "links", "attachments"):
        page = viewer.ask("GET", f"/issues/{veil.planted.visible}?expand={kind}")[kind]
        assert page["total"] == len(page["items"]), kind
    projects = viewer.items(f"/connections/{veil.tenant.connection}/projects?limit=200")
    assert "LAB" not in {project["key"] for project in projects}


def test_a_parent_that_is_hidden_is_not_named(veil: Veil) -> None:
    for role in ("viewer", "member"):
        child = veil.tenant.people[role].ask("GET", f"/issues/{veil.planted.child}")
        assert child["parent"] is None
    assert veil.owner.ask("GET", f"/issues/{veil.planted.child}")["parent"]["key"] == veil.planted.restricted
