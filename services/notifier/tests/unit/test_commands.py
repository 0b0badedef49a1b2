import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.commands import (
    Connect,
    History,
    MalformedFrame,
    Pong,
    Refused,
    Since,
    Subscribe,
    Unknown,
    parse_frame,
)


def test_a_frame_may_hold_several_commands():
    frame = '{"id":1,"connect":{"token":"t"}}\n{"id":2,"subscribe":{"channel":"a:b","flag":1}}\n{}\n'
    assert list(parse_frame(frame)) == [Connect(1, "t"), Subscribe(2, "a:b"), Pong()]


def test_a_subscribe_tells_how_far_the_client_had_read():
    frame = '{"id":3,"subscribe":{"channel":"c","recover":true,"epoch":"jira.e","offset":41,"flag":3}}'
    assert list(parse_frame(frame)) == [Subscribe(3, "c", Since("jira.e", 41), reject_unrecovered=True)]


def test_an_offset_without_recover_is_not_a_position():
    (command,) = parse_frame('{"id":3,"subscribe":{"channel":"c","epoch":"e","offset":4}}')
    assert isinstance(command, Subscribe)
    assert command.since is None


def test_absent_and_null_bodies_are_empty():
    assert list(parse_frame('{"id":1,"connect":null}')) == [Connect(1, "")]
    assert list(parse_frame('{"id":1,"history":{"channel":"c"}}')) == [History(1, "c", 0)]


def test_commands_that_are_never_carried_out_keep_their_name():
    frame = '{"id":1,"publish":{}}\n{"id":2,"rpc":{"method":"m"}}\n{"send":{}}\n{"id":9}'
    assert list(parse_frame(frame)) == [
        Refused(1, "publish"),
        Refused(2, "rpc", named=True),
        Refused(0, "send"),
        Unknown(9),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "x",
        "[]",
        "1",
        '"s"',
        '{"id":0,"connect":{}}',
        '{"connect":{}}',
        '{"id":-1,"connect":{}}',
        '{"id":true,"connect":{}}',
        '{"id":1.5,"connect":{}}',
        '{"id":4294967296,"connect":{}}',
        '{"id":1,"connect":[]}',
        '{"id":1,"connect":{"token":7}}',
        '{"id":1,"subscribe":{"channel":["a"]}}',
        '{"id":1,"subscribe":{"channel":"a","recover":true,"offset":"7"}}',
        '{"id":1,"subscribe":{"channel":"a","recover":true,"offset":-7}}',
        '{"id":1,"history":{"channel":"a","limit":"1"}}',
        "[" * 60_000,
    ],
)
def test_malformed_frames_are_told_apart_from_bugs(frame):
    with pytest.raises(MalformedFrame):
        list(parse_frame(frame))


def test_commands_before_a_malformed_one_are_taken():
    taken = []
    with pytest.raises(MalformedFrame):
        for command in parse_frame('{"id":1,"connect":{}}\nnonsense'):
            taken.append(command)  # noqa: PERF402 - what came before the error is the point
    assert taken == [Connect(1, "")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
methods = st.sampled_from(
    ["id", "connect", "subscribe", "refresh", "unsubscribe", "history", "rpc", "channel", "token", "offset", "flag"]
)


@given(st.dictionaries(methods, json_values | st.dictionaries(methods, json_values)) | st.text())
def test_no_frame_raises_anything_else(value):
    frame = value if isinstance(value, str) else json.dumps(value)
    with contextlib.suppress(MalformedFrame):
        list(parse_frame(frame))
