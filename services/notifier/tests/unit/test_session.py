import json
from datetime import timedelta

import pytest
from notifier_examples import NOW, PROJECT, TENANT, viewer

from notifier.domain import codes
from notifier.domain.channels import Kind
from notifier.domain.commands import parse_frame
from notifier.domain.session import Alarm, Close, Find, Leave, Rules, Say, Session, TellPosition, Verify, Wake

CONNECT = '{"id":1,"connect":{"token":"t"}}'


def say(session, frame):
    return [action for command in parse_frame(frame) for action in session.on_command(command)]


def told(actions):
    return [json.loads(action.line.text) for action in actions if isinstance(action, Say)]


def code(actions):
    (reply,) = told(actions)
    return reply["error"]["code"]


@pytest.fixture
def fresh():
    return Session("client", Rules())


@pytest.fixture
def connected(fresh):
    (verify,) = say(fresh, CONNECT)
    fresh.verified(verify.command, viewer(), NOW)
    return fresh


def test_a_good_token_is_answered_with_its_remaining_life_and_the_ping(fresh):
    (verify,) = say(fresh, CONNECT)
    assert isinstance(verify, Verify)
    assert verify.token == "t"
    actions = fresh.verified(verify.command, viewer(), NOW)
    (reply,) = told(actions)
    assert reply["id"] == 1
    body = reply["connect"]
    assert (body["client"], body["expires"], body["ttl"], body["ping"], body["pong"]) == ("client", True, 600, 25, True)
    assert Wake(Alarm.PING, 25) in actions


def test_the_token_of_the_upgrade_serves_when_the_command_has_none():
    session = Session("client", Rules(), header_token="from header")
    (verify,) = say(session, '{"id":1,"connect":{}}')
    assert verify.token == "from header"


def test_no_token_at_all_is_unauthorized(fresh):
    assert code(say(fresh, '{"id":1,"connect":{}}')) == 101


def test_a_socket_without_connect_is_stale_after_ten_seconds(fresh):
    assert fresh.opened() == [Wake(Alarm.CONNECT, 10)]
    assert fresh.woken(Alarm.CONNECT, NOW) == [Close(codes.STALE)]


def test_a_connected_socket_is_not_stale(connected):
    assert connected.woken(Alarm.CONNECT, NOW) == []


@pytest.mark.parametrize("method", ["subscribe", "unsubscribe", "refresh", "history", "rpc", "publish", "sub_refresh"])
def test_nothing_may_come_before_connect(fresh, method):
    assert say(fresh, json.dumps({"id": 1, method: {"channel": "a:b"}})) == [Close(codes.MALFORMED)]


def test_a_second_connect_ends_the_connection(connected):
    assert say(connected, CONNECT) == [Close(codes.MALFORMED)]


def test_an_invalid_token_ends_the_connection_for_good(fresh):
    (verify,) = say(fresh, CONNECT)
    assert fresh.verified(verify.command, codes.INVALID_TOKEN, NOW) == [Close(codes.INVALID_TOKEN)]
    assert codes.INVALID_TOKEN.code >= 3500


def test_an_ended_token_asks_for_a_fresh_one_and_connect_may_be_tried_again(fresh):
    (verify,) = say(fresh, CONNECT)
    ended = viewer(expires_at=NOW)
    assert code(fresh.verified(verify.command, ended, NOW)) == 109
    assert isinstance(say(fresh, CONNECT)[0], Verify)


def test_a_token_that_is_not_refreshed_closes_after_its_grace(connected):
    ends = NOW + timedelta(minutes=10)
    assert connected.woken(Alarm.EXPIRY, ends + timedelta(seconds=20)) == []
    assert connected.woken(Alarm.EXPIRY, ends + timedelta(seconds=25)) == [Close(codes.EXPIRED)]


def test_the_end_of_a_token_gets_its_own_alarm_only_when_it_comes_before_the_next_ping(connected):
    early = connected.woken(Alarm.PING, NOW)
    assert not [action for action in early if isinstance(action, Wake) and action.alarm is Alarm.EXPIRY]
    late = connected.woken(Alarm.PING, NOW + timedelta(minutes=10, seconds=5))
    assert Wake(Alarm.EXPIRY, 20) in late


def test_a_refresh_prolongs_the_connection(connected):
    (verify,) = say(connected, '{"id":2,"refresh":{"token":"t2"}}')
    later = NOW + timedelta(minutes=9)
    fresh_viewer = viewer(user=connected.viewer.user, expires_at=later + timedelta(minutes=10))
    (reply,) = told(connected.verified(verify.command, fresh_viewer, later))
    assert reply["refresh"]["ttl"] == 600
    assert connected.woken(Alarm.EXPIRY, NOW + timedelta(minutes=10, seconds=25)) == []


def test_a_refresh_with_another_users_token_ends_the_connection(connected):
    (verify,) = say(connected, '{"id":2,"refresh":{"token":"t2"}}')
    assert connected.verified(verify.command, viewer(), NOW) == [Close(codes.INVALID_TOKEN)]


def test_a_refresh_that_takes_a_scope_away_ends_its_subscriptions(connected):
    connected.subscribed("project:x", PROJECT)
    (verify,) = say(connected, '{"id":2,"refresh":{"token":"t2"}}')
    poorer = viewer(user=connected.viewer.user, scopes=frozenset())
    actions = connected.verified(verify.command, poorer, NOW)
    assert Leave("project:x", PROJECT) in actions
    assert told(actions)[1]["push"]["unsubscribe"]["code"] == 2000
    assert connected.channels == {}


def test_silence_after_a_ping_closes_and_any_command_counts_as_life(connected):
    actions = connected.woken(Alarm.PING, NOW)
    assert told(actions) == [{}]
    assert Wake(Alarm.PONG, 8) in actions
    say(connected, "{}")
    assert connected.woken(Alarm.PONG, NOW) == []
    connected.woken(Alarm.PING, NOW)
    assert connected.woken(Alarm.PONG, NOW) == [Close(codes.NO_PONG)]


def test_a_subscribe_asks_for_its_target(connected):
    channel = f"tenant:{TENANT}"
    (find,) = say(connected, json.dumps({"id": 2, "subscribe": {"channel": channel}}))
    assert isinstance(find, Find)
    assert find.name.kind is Kind.TENANT


@pytest.mark.parametrize(
    "channel",
    ["", "x", "issue", "issue:", "issue:ABC-1", "tenant:usr_1", "project:con_x", "secrets:all", "issue:iss_\u0430"],
)
def test_forms_that_do_not_exist_are_unknown_channels(connected, channel):
    assert code(say(connected, json.dumps({"id": 2, "subscribe": {"channel": channel}}))) == 102


def test_subscribing_twice_is_an_error(connected):
    channel = f"tenant:{TENANT}"
    connected.subscribed(channel, PROJECT)
    assert code(say(connected, json.dumps({"id": 2, "subscribe": {"channel": channel}}))) == 105


def test_a_client_has_at_most_128_channels(connected):
    for number in range(128):
        connected.subscribed(str(number), PROJECT)
    assert code(say(connected, json.dumps({"id": 2, "subscribe": {"channel": f"tenant:{TENANT}"}}))) == 106


def test_a_kind_needs_its_scope(fresh):
    (verify,) = say(fresh, CONNECT)
    fresh.verified(verify.command, viewer(scopes=frozenset({"exports:read"})), NOW)
    issue = json.dumps({"id": 2, "subscribe": {"channel": f"issue:{'iss_' + '0' * 26}"}})
    assert code(say(fresh, issue)) == 103


def test_a_filter_is_refused_rather_than_left_out(connected):
    frame = {"id": 2, "subscribe": {"channel": f"tenant:{TENANT}", "tf": {"key": "a", "cmp": "eq", "val": "b"}}}
    assert code(say(connected, json.dumps(frame))) == 108


def test_unsubscribe_leaves_and_answers_also_when_there_was_nothing(connected):
    connected.subscribed("c", PROJECT)
    actions = say(connected, '{"id":2,"unsubscribe":{"channel":"c"}}')
    assert actions[0] == Leave("c", PROJECT)
    assert told(actions) == [{"id": 2, "unsubscribe": {}}]
    assert told(say(connected, '{"id":3,"unsubscribe":{"channel":"c"}}')) == [{"id": 3, "unsubscribe": {}}]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('{"id":2,"publish":{"channel":"c","data":{}}}', 103),
        ('{"id":2,"presence":{"channel":"c"}}', 108),
        ('{"id":2,"presence_stats":{"channel":"c"}}', 108),
        ('{"id":2,"rpc":{"method":"m"}}', 104),
        ('{"id":2,"rpc":{}}', 108),
        ('{"id":2}', 104),
        ('{"id":2,"sub_refresh":{"channel":"c"}}', 107),
        ('{"id":2,"sub_refresh":{"channel":"other"}}', 103),
        ('{"id":2,"history":{"channel":"other"}}', 103),
        ('{"id":2,"history":{"channel":"c","limit":10}}', 108),
    ],
)
def test_what_is_refused_has_its_code(connected, frame, expected):
    connected.subscribed("c", PROJECT)
    assert code(say(connected, frame)) == expected


def test_history_without_a_limit_tells_the_position(connected):
    connected.subscribed("c", PROJECT)
    assert say(connected, '{"id":2,"history":{"channel":"c","limit":0}}') == [TellPosition(2, PROJECT)]


def test_a_closed_session_does_nothing_more(connected):
    connected.close(codes.SLOW)
    assert say(connected, '{"id":2,"rpc":{}}') == []
    assert connected.woken(Alarm.PING, NOW) == []
    assert connected.close(codes.STALE) == []
