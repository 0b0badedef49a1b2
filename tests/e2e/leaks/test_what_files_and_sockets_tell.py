"""Exports, PDFs, sockets and the time that a refusal takes: other ways in which something hidden could be told."""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from planting import ROLE
from surface.channels import channels, never_channel
from surface.people import Person
from surface.readable import readable
from surface.sockets import Socket
from surface.tenants import finished_export
from surface.things import never_like
from veil import Veil, is_word_of

from common.testing.system import System

_PAIRS = 40
_MOST_APART = 1.5


def test_the_owners_document_names_what_is_hidden_from_others(veil: Veil) -> None:
    """It is made first: a document that is kept without regard to who looks would be handed to the next."""
    text = readable(veil.owner.call("GET", f"/api/v1/issues/{veil.planted.visible}/pdf"))
    assert veil.planted.words["role_comment"] in text
    assert is_word_of(veil.planted.restricted, text)


def test_documents_of_visible_issues_name_nothing_hidden(veil: Veil) -> None:
    member = veil.tenant.people["member"]
    for key in veil.planted.seen_keys:
        answer = member.call("GET", f"/api/v1/issues/{key}/pdf")
        assert answer.content.startswith(b"%PDF"), answer.text
        assert veil.told(answer) == [], key
    export = finished_export(member, veil.planted.seen_keys)
    for part in ("content?redirect=false", "manifest"):
        assert veil.told(member.call("GET", f"/api/v1/exports/{export}/{part}")) == [], part


@pytest.fixture
def sockets(system: System, veil: Veil) -> Iterator[dict[str, Socket]]:
    with ExitStack() as stack:
        people: dict[str, Person] = {"owner": veil.owner, **veil.tenant.people}
        url = system.env["JIRA_EXPORT_WS_URL"]
        yield {name: stack.enter_context(Socket(url, person)) for name, person in people.items()}


def test_hidden_channels_are_answered_as_if_they_never_were(veil: Veil, sockets: dict[str, Socket]) -> None:
    hidden = [f"issue:{issue}" for issue in veil.hidden["issue"] if issue.startswith("iss_")]
    hidden += [f"export:{export}" for export in veil.hidden["export"]]
    for role in ("viewer", "member"):
        for channel in hidden:
            answer = sockets[role].subscribe(channel)
            assert "error" in answer, channel
            assert answer == sockets[role].subscribe(never_channel(channel)), channel
        project = f"project:{veil.tenant.connection}"
        assert sockets[role].subscribe(f"{project}:LAB") == sockets[role].subscribe(f"{project}:NEVER")
    assert "error" not in sockets["owner"].subscribe(hidden[0])


def test_changes_of_hidden_things_are_heard_by_the_owner_alone(
    system: System, veil: Veil, sockets: dict[str, Socket]
) -> None:
    for name, socket in sockets.items():
        joined = [one for things in veil.seen for one in channels(things) if "error" not in socket.subscribe(one)]
        assert len(joined) >= 4, name
    for issue in veil.hidden["issue"]:
        if issue.startswith("iss_"):
            sockets["owner"].subscribe(f"issue:{issue}")
    simulator, words = system.simulator("datacenter"), veil.planted.words
    simulator.edit(veil.planted.restricted, fields={"summary": f"{words['summary']} again"}, comment=words["comment"])
    simulator.edit(veil.planted.elsewhere, fields={"summary": f"{words['lab_summary']} again"})
    simulator.edit(veil.planted.visible, comment={"body": words["role_comment"], "visibility": ROLE})
    simulator.edit(veil.planted.visible, comment="heard by all")
    heard = {name: _heard_until(socket, "jira.comment", veil) for name, socket in sockets.items()}
    restricted = next(issue for issue in veil.hidden["issue"] if issue.startswith("iss_"))
    assert restricted in heard["owner"]
    for role in ("viewer", "member"):
        assert [secret for secret in veil.secrets if is_word_of(secret, heard[role])] == [], role


def _heard_until(socket: Socket, kind: str, veil: Veil) -> str:
    """Everything that came until a while after the change that all may hear."""
    end = time.monotonic() + 20
    while not any(kind in raw for raw in socket.raw) and time.monotonic() < end:
        socket.listen(0.5)
    socket.listen(1)
    text = "\n".join(socket.raw)
    assert kind in text, "not even the open comment was heard"
    return text


def _apart(person: Person, hidden: str, never: str) -> float:
    """How many times longer one refusal takes than the other, by their medians."""
    times: dict[str, list[float]] = {hidden: [], never: []}
    for number in range(_PAIRS):
        for path in (hidden, never) if number % 2 else (never, hidden):
            start = time.perf_counter()
            person.call("GET", path)
            times[path].append(time.perf_counter() - start)
    medians = [statistics.median(taken) for taken in times.values()]
    return max(medians) / min(medians)


def test_a_refusal_takes_as_long_whether_or_not_the_thing_is_there(veil: Veil) -> None:
    """Three tries: another process on the machine must not be taken for a difference of ours."""
    viewer = veil.tenant.people["viewer"]
    shapes = ["/api/v1/issues/{}"] * 2 + ["/api/v1/issues/{}/comments", "/api/v1/attachments/{}/content"]
    values = [*veil.hidden["issue"][:2], veil.hidden["issue"][0], veil.hidden["attachment"][0]]
    for shape, value in zip(shapes, values, strict=True):
        hidden, never = shape.format(value), shape.format(never_like(value))
        assert any(_apart(viewer, hidden, never) < _MOST_APART for _ in range(3)), hidden
