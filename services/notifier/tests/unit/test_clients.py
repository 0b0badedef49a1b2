import json
from dataclasses import replace
from datetime import timedelta

import pytest
from notifier_examples import (
    ALL_SCOPES,
    CONNECTION,
    HERE,
    ISSUE,
    NOW,
    OTHER_TENANT,
    PROJECT,
    TENANT,
    Hanging,
    publication,
    viewer,
)

from notifier.domain import codes, lines
from notifier.domain.audience import Audience
from notifier.domain.channels import ChannelName, Kind, Target, parse_channel
from notifier.domain.connections import Connections
from notifier.domain.history import Kept
from notifier.domain.lines import Line
from notifier.domain.memberships import ChangedMemberships
from notifier.domain.origins import is_allowed_origin
from notifier.domain.pace import Pace
from notifier.domain.sight import Origin, Seen
from notifier.domain.wheel import Wheel


def listening(channel="project:c:A", after=0, **facts: object):
    hanging = Hanging()
    hanging.client.session.viewer = viewer(**facts)
    audience = Audience()
    audience.join(PROJECT, hanging.client, channel, after)
    return hanging, audience


def heard(hanging):
    return [json.loads(frame)["push"]["pub"]["offset"] for frame in hanging.frames()]


def test_a_publication_reaches_its_channel_with_its_offset():
    hanging, audience = listening()
    assert audience.tell(Kept(7, 0, publication(7))) == 1
    assert [json.loads(frame) for frame in hanging.frames()] == [
        {"push": {"channel": "project:c:A", "pub": {"offset": 7, "data": {"n": 7}}}}
    ]


def test_another_tenant_hears_nothing_even_when_it_got_into_the_channel():
    hanging, audience = listening(tenant=OTHER_TENANT)
    assert audience.tell(Kept(7, 0, publication(7))) == 0
    assert heard(hanging) == []


@pytest.mark.parametrize("hidden", [{"level": "10001"}, {"visibility": "role:Administrators"}])
def test_restricted_publications_reach_only_those_who_hold_the_right(hidden):
    hanging, audience = listening()
    told = publication(7, origin=replace(HERE, **hidden))
    audience.tell(Kept(7, 0, told))
    assert heard(hanging) == []
    held = Seen(whole=True, levels=frozenset({"10001"}), classes=frozenset({"role:Administrators"}))
    holder, audience = listening(sight={CONNECTION: held})
    audience.tell(Kept(7, 0, told))
    assert heard(holder) == [7]
    elsewhere, audience = listening(sight={CONNECTION: Seen(whole=True), "con_other": held})
    audience.tell(Kept(7, 0, told))
    assert heard(elsewhere) == []


@pytest.mark.parametrize(
    ("sight", "expected"),
    [
        ({}, []),
        ({"con_other": Seen(whole=True)}, []),
        ({CONNECTION: Seen(projects=frozenset({"10001"}))}, []),
        ({CONNECTION: Seen(projects=frozenset({"10000"}))}, [7]),
    ],
)
def test_a_publication_reaches_only_those_who_see_its_project_in_its_connection(sight, expected):
    hanging, audience = listening(sight=sight, scopes=ALL_SCOPES | {"connections:admin"})
    audience.tell(Kept(7, 0, publication(7)))
    assert heard(hanging) == expected


@pytest.mark.parametrize(
    ("projects", "expected"),
    [({"10000", "10001"}, "moved"), ({"10000"}, "come"), ({"10001"}, "gone"), ({"10002"}, None)],
)
def test_a_moved_issue_comes_or_goes_for_who_sees_one_side_only(projects, expected):
    moved = publication(7, origin=replace(HERE, left="10001"), data='"moved"', come='"come"', gone='"gone"')
    hanging, audience = listening(sight={CONNECTION: Seen(projects=frozenset(projects))})
    audience.tell(Kept(7, 0, moved))
    data = [json.loads(frame)["push"]["pub"]["data"] for frame in hanging.frames()]
    assert data == ([] if expected is None else [expected])


def test_phases_are_heard_by_who_sees_something_of_the_connection_or_administers():
    phase = publication(7, origin=Origin(CONNECTION))
    for facts, expected in (
        ({"sight": {}}, []),
        ({"sight": {CONNECTION: Seen(projects=frozenset({"1"}))}}, [7]),
        ({"sight": {}, "scopes": ALL_SCOPES | {"connections:admin"}}, [7]),
    ):
        hanging, audience = listening(**facts)
        audience.tell(Kept(7, 0, phase))
        assert heard(hanging) == expected


def test_one_client_may_use_the_old_and_the_new_key_of_a_project():
    hanging, audience = listening()
    audience.join(PROJECT, hanging.client, "project:c:OLD", 0)
    audience.tell(Kept(7, 0, publication(7)))
    assert {json.loads(frame)["push"]["channel"] for frame in hanging.frames()} == {"project:c:A", "project:c:OLD"}
    audience.leave(PROJECT, hanging.client, "project:c:OLD")
    audience.tell(Kept(8, 0, publication(8)))
    assert heard(hanging) == [8]


def test_what_a_client_heard_from_another_node_is_not_repeated():
    hanging, audience = listening(after=9)
    for offset in (8, 9, 10):
        audience.tell(Kept(offset, 0, publication(offset)))
    assert heard(hanging) == [10]


def test_a_late_one_is_told_also_at_the_offset_where_a_client_stands():
    hanging, audience = listening(after=9)
    audience.tell(Kept(9, 0, publication(8), late=True))
    assert heard(hanging) == [9]


def test_a_client_that_owes_too_many_bytes_is_slow():
    hanging = Hanging(max_bytes=100)
    for _ in range(10):
        hanging.client.offer(Line("x" * 40, 40))
    assert hanging.client.ending is codes.SLOW
    assert hanging.cuts == [codes.SLOW]


def test_a_client_whose_oldest_line_is_too_old_is_slow():
    hanging = Hanging(max_bytes=10**6)
    hanging.client.offer(Line("x", 1))
    hanging.client.queue.take()
    hanging.now = 10.5
    hanging.client.offer(Line("y", 1))
    assert hanging.cuts == [codes.SLOW]


def test_a_stuck_client_is_found_without_new_lines():
    hanging = Hanging()
    hanging.client.offer(Line("x", 1))
    hanging.now = 11
    hanging.client.look_at_age()
    assert hanging.client.ending is codes.SLOW


def test_a_large_answer_does_not_make_a_client_slow():
    hanging = Hanging(max_bytes=100)
    hanging.client.answer(Line("r" * 5_000, 5_000))
    hanging.client.offer(Line("x" * 40, 40))
    assert hanging.client.ending is None
    assert len(hanging.frames()) == 2


def test_what_is_owed_counts_until_it_is_written():
    hanging = Hanging(max_bytes=100)
    hanging.client.offer(Line("x" * 80, 80))
    hanging.client.queue.take()
    assert hanging.client.queue.owed == 80
    hanging.client.offer(Line("y" * 80, 80))
    assert hanging.client.ending is codes.SLOW


def test_many_small_lines_share_a_frame():
    hanging = Hanging(max_bytes=10**6)
    for _ in range(10):
        hanging.client.offer(Line("{}", 2))
    assert hanging.client.queue.take() == "\n".join(["{}"] * 10)


def test_a_free_writer_closes_behind_what_is_queued_and_a_stuck_one_is_cut():
    free = Hanging()
    free.client.offer(Line("{}", 2))
    free.client.end(codes.EXPIRED)
    assert free.cuts == []
    assert json.loads(free.frames()[-1])["push"]["disconnect"]["code"] == 3005
    stuck = Hanging()
    stuck.client.offer(Line("{}", 2))
    stuck.client.queue.take()
    stuck.client.end(codes.EXPIRED)
    assert stuck.cuts == [codes.EXPIRED]


def test_nothing_is_queued_behind_the_end():
    hanging = Hanging()
    hanging.client.end(codes.EXPIRED)
    hanging.client.offer(Line("late", 4))
    assert "late" not in hanging.frames()


def test_sizes_are_bytes_and_not_characters():
    assert lines.pushed("c", 1, '"я"').size == len(lines.pushed("c", 1, '"я"').text.encode())


def test_the_tenant_limit_counts_clients_until_they_go():
    connections = Connections(per_tenant=1)
    first, second = Hanging().client, Hanging().client
    for client in (first, second):
        connections.add(client)
    assert connections.count_for(first, TENANT)
    assert connections.count_for(first, TENANT)
    assert not connections.count_for(second, TENANT)
    assert connections.count_for(second, OTHER_TENANT)
    connections.remove(first)
    third = Hanging().client
    assert connections.count_for(third, TENANT)


def test_the_age_of_a_tokens_rights_decides_whether_a_membership_change_outdates_it():
    changed = ChangedMemberships(timedelta(minutes=12))
    who = viewer(as_of=NOW)
    changed.note(who.tenant, who.user, NOW + timedelta(seconds=1.5))
    assert changed.outdate(who)
    assert not changed.outdate(viewer(user=who.user, as_of=NOW + timedelta(seconds=1.5)))
    assert not changed.outdate(viewer())


def test_membership_changes_are_forgotten_when_no_token_can_be_older():
    changed = ChangedMemberships(timedelta(minutes=12))
    who = viewer(as_of=NOW)
    changed.note(who.tenant, who.user, NOW + timedelta(seconds=5))
    changed.note(TENANT, "usr_other", NOW + timedelta(minutes=30))
    assert not changed.outdate(who)


def test_the_wheel_wakes_each_item_after_its_seconds():
    wheel = Wheel()
    for seconds in (1, 25, 100, 0):
        wheel.schedule(seconds, seconds)
    woken = {turn: due for turn in range(1, 130) if (due := wheel.turn())}
    assert woken == {1: [1, 0], 25: [25], 100: [100]}


def test_connections_beyond_the_pace_have_to_wait():
    pace = Pace(per_second=10, burst=2)
    assert [pace.admits(now) for now in (0, 0, 0, 0.1, 0.1)] == [True, True, False, True, False]


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        (None, [], True),
        ("https://jira.example.com", [], True),
        ("https://evil.example.com", [], False),
        ("null", [], False),
        ("https://app.example.com", ["https://app.example.com"], True),
        ("https://evil.example.com", ["*"], False),
        ("http://[", [], False),
    ],
)
def test_pages_of_other_origins_need_the_operators_word(origin, allowed, expected):
    assert is_allowed_origin(origin, "jira.example.com", allowed) is expected


def test_channel_names_become_addresses():
    assert parse_channel(f"issue:{ISSUE}") == ChannelName(Kind.ISSUE, ISSUE)
    project = parse_channel(f"project:{PROJECT.ident}:KEY_1")
    assert project == ChannelName(Kind.PROJECT, PROJECT.ident, "KEY_1")
    assert parse_channel(f"project:{PROJECT.ident}:A:B") is None
    assert parse_channel(f"project:{PROJECT.ident}:A\x00") is None
    assert parse_channel("issue:" + "i" * 600) is None


def test_a_target_belongs_to_one_feed():
    assert Target(TENANT, Kind.EXPORT, "exp_1").feed != PROJECT.feed
