"""Events under B's name about what is A's, on every topic of the running bus: nobody acts on them or hears them."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from forgery import Forged, forge, is_published
from surface.answers import everything_of
from surface.channels import channels
from surface.people import Person
from surface.sockets import Socket
from surface.things import ID
from two_tenants import TwoTenants

from common.contracts.topics import TOPICS, Topic
from common.testing.system import System, eventually


@pytest.fixture
def socket_of_a(system: System, two_tenants: TwoTenants) -> Iterator[Socket]:
    with Socket(system.env["JIRA_EXPORT_WS_URL"], two_tenants.a.tenant.owner) as socket:
        yield socket


@pytest.fixture
def socket_of_b(system: System, two_tenants: TwoTenants) -> Iterator[Socket]:
    with Socket(system.env["JIRA_EXPORT_WS_URL"], two_tenants.intruder) as socket:
        yield socket


def _put(system: System, two: TwoTenants, topic: Topic) -> list[Forged]:
    dsn = system.env["DATABASE_URL"]
    forged = forge(dsn, topic, two.a.tenant, two.b.tenant)
    assert forged, f"A never caused an event on {topic}: teach this test how it does"
    for one in forged:
        eventually(partial(is_published, dsn, one), within=20)
    return forged


@pytest.mark.parametrize("topic", list(TOPICS))
def test_an_event_under_a_strangers_name_is_told_to_nobody(
    system: System, two_tenants: TwoTenants, socket_of_a: Socket, socket_of_b: Socket, topic: Topic
) -> None:
    two_tenants.a.of("export"), two_tenants.b.of("export")
    cause_access_events(two_tenants)
    for socket, things in ((socket_of_a, two_tenants.a), (socket_of_b, two_tenants.b)):
        joined = [channel for channel in channels(things) if "error" not in socket.subscribe(channel)]
        assert len(joined) >= 5
    known = two_tenants.ids_of_a
    forged = _put(system, two_tenants, topic)
    socket_of_a.listen(1.5)
    socket_of_b.listen(1.5)
    for one in forged:
        assert one.event_id not in "\n".join(socket_of_a.raw), f"A hears {one}"
        assert one.event_id not in "\n".join(socket_of_b.raw), f"B hears {one}"
    assert {found.group() for found in ID.finditer("\n".join(socket_of_b.raw))} & known == set()


@pytest.mark.parametrize("topic", list(TOPICS))
def test_an_event_under_a_strangers_name_changes_nothing(system: System, two_tenants: TwoTenants, topic: Topic) -> None:
    cause_access_events(two_tenants)
    before = _exports(two_tenants)
    known = two_tenants.ids_of_a
    viewer = two_tenants.a.tenant.people["viewer"]
    viewer.sign_in()
    session = {"Authorization": f"Bearer {viewer.token}"}
    forged = _put(system, two_tenants, topic)
    _wait_until_read(two_tenants)
    assert viewer.call("GET", "/api/v1/me", headers=session).status_code == httpx.codes.OK
    assert _exports(two_tenants) == before
    for operation, answer in two_tenants.reads(two_tenants.b):
        shown = {found.group() for found in ID.finditer(everything_of(answer))}
        assert shown & known == set(), f"{operation} after {[one.type for one in forged]}"


def test_a_session_ended_under_a_strangers_name_goes_on(system: System, two_tenants: TwoTenants) -> None:
    """The event names a session of A that really runs: only auth, and only for A, may end it."""
    dsn = system.env["DATABASE_URL"]
    viewer = two_tenants.a.tenant.people["viewer"]
    cause_access_events(two_tenants)  # before, because a change of his role ends his tokens, too
    running = Person(viewer.url, viewer.email, viewer.password)
    running.sign_in()
    bearer = {"Authorization": f"Bearer {running.token}"}
    forged = forge(
        dsn,
        Topic.ACCESS_EVENTS,
        two_tenants.a.tenant,
        two_tenants.b.tenant,
        replace={"session_id": running.signed_in["session_id"]},
    )
    assert any(one.type == "access.session_ended.v1" for one in forged)
    with Socket(system.env["JIRA_EXPORT_WS_URL"], running) as socket:
        for one in forged:
            eventually(partial(is_published, dsn, one), within=20)
        _wait_until_read(two_tenants)
        socket.listen(0.5)
        assert "error" not in socket.subscribe(f"tenant:{two_tenants.a.tenant.id}")
    assert running.call("GET", "/api/v1/issues?limit=1", headers=bearer).status_code == httpx.codes.OK
    running.close()


def cause_access_events(two: TwoTenants) -> None:
    """A session that ends, and a role that changes and changes back."""
    viewer = two.a.tenant.people["viewer"]
    once = Person(viewer.url, viewer.email, viewer.password)
    once.sign_in()
    once.ask("POST", "/auth/logout", json={"refresh_token": once.signed_in["refresh_token"]})
    once.close()
    person = next(one["id"] for one in two.a.tenant.owner.items("/users") if one["email"] == viewer.email)
    for role in ("member", "viewer"):
        two.a.tenant.owner.ask("PATCH", f"/users/{person}", json={"role": role})


def _wait_until_read(two: TwoTenants) -> None:
    """B's own session ends after the forged events, in the same partition: once it is refused, they were read."""
    viewer = two.b.tenant.people["viewer"]
    once = Person(viewer.url, viewer.email, viewer.password)
    once.sign_in()
    bearer = {"Authorization": f"Bearer {once.token}"}
    once.ask("POST", "/auth/logout", json={"refresh_token": once.signed_in["refresh_token"]})
    refused = lambda: once.call("GET", "/api/v1/issues?limit=1", headers=bearer).status_code == 401  # noqa: E731
    eventually(refused, within=10)
    once.close()


def _exports(two: TwoTenants) -> list[object]:
    return [two.a.tenant.owner.ask("GET", f"/exports/{export}") for export in two.a.of("export")]
