"""The rotation of signing keys: whatever happens in between, no verifier ever meets a key that it was not shown."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auth.domain.signing_keys import (
    Create,
    KeyLife,
    KeyState,
    Promote,
    Remove,
    Retire,
    Schedule,
    next_steps,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULE = Schedule(timedelta(days=30), timedelta(minutes=15), timedelta(hours=1))


def take(ring: list[KeyLife], now: datetime, *, at_once: bool = False) -> list[KeyLife]:
    keys = {key.kid: key for key in ring}
    for step in next_steps(ring, now, SCHEDULE, at_once=at_once):
        match step:
            case Create(state):
                kid = f"k{len(keys)}@{now.timestamp()}"
                keys[kid] = KeyLife(kid, now, now if state is KeyState.CURRENT else None)
            case Promote(kid):
                keys[kid] = KeyLife(kid, keys[kid].created_at, now)
            case Retire(kid):
                keys[kid] = KeyLife(kid, keys[kid].created_at, keys[kid].activated_at, now)
            case Remove(kid):
                del keys[kid]
    return list(keys.values())


def states(ring: list[KeyLife]) -> list[KeyState]:
    return [key.state for key in ring]


def test_an_empty_ring_gets_a_current_and_a_next_key():
    assert sorted(states(take([], START))) == [KeyState.CURRENT, KeyState.NEXT]


def test_nothing_is_done_before_its_time():
    ring = take([], START)
    assert next_steps(ring, START + timedelta(days=29), SCHEDULE) == []


def test_when_the_time_is_over_the_next_key_signs_and_the_old_one_stays_shown():
    ring = take(take([], START), START + timedelta(days=30))
    assert sorted(states(ring)) == [KeyState.CURRENT, KeyState.NEXT, KeyState.RETIRING]


def test_a_retired_key_is_removed_only_when_no_token_of_it_can_live():
    rotated = START + timedelta(days=30)
    ring = take(take([], START), rotated)
    assert next_steps(ring, rotated + timedelta(minutes=59), SCHEDULE) == []
    steps = next_steps(ring, rotated + timedelta(hours=1), SCHEDULE)
    assert [type(step) for step in steps] == [Remove]


def test_the_command_rotates_at_once_but_not_to_a_key_that_nobody_was_shown():
    ring = take([], START)
    assert next_steps(ring, START + timedelta(minutes=14), SCHEDULE, at_once=True) == []
    assert KeyState.RETIRING in states(take(ring, START + timedelta(minutes=15), at_once=True))


def test_a_ring_without_current_key_mends_itself():
    waiting = KeyLife("k1", START)
    assert next_steps([waiting], START, SCHEDULE) == [Promote("k1"), Create(KeyState.NEXT)]


@given(st.lists(st.tuples(st.integers(1, 40 * 86_400), st.booleans()), max_size=40))
def test_at_every_moment_one_key_signs_that_was_shown_long_enough(moves):
    ring, now = take([], START), START
    first = next(key.kid for key in ring if key.state is KeyState.CURRENT)
    for seconds, at_once in moves:
        now += timedelta(seconds=seconds)
        before = {key.kid: key for key in ring}
        ring = take(ring, now, at_once=at_once)
        assert states(ring).count(KeyState.CURRENT) == states(ring).count(KeyState.NEXT) == 1
        (current,) = [key for key in ring if key.state is KeyState.CURRENT]
        assert current.kid == first or current.activated_at - current.created_at >= SCHEDULE.shown_before
        gone = before.keys() - {key.kid for key in ring}
        assert all(now - before[kid].retired_at >= SCHEDULE.shown_after for kid in gone)
