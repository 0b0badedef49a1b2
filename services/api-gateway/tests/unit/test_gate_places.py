import asyncio
import random
from datetime import timedelta

import pytest

from api_gateway.gate.domain.turns import Turns
from api_gateway.gate.usecases.hold_place import Overloaded, Places, TooManyAtOnce
from common.errors import AppError


def _places(places: int, waiting: int = 10, patience: float = 5) -> Places:
    return Places("own", places=places, most_waiting=waiting, patience=timedelta(seconds=patience))


def test_groups_take_turns_however_long_their_lines_are() -> None:
    turns: Turns[str] = Turns(1, 10)
    assert turns.take("a", 1)
    for name in ("a1", "a2", "a3"):
        assert turns.wait("a", 1, name)
    assert turns.wait("b", 1, "b1")
    assert turns.wait("c", 1, "c1")
    served, holder = [], "a"
    while (waiter := turns.give_back(holder)) is not None:
        served.append(waiter)
        holder = waiter[0]
    assert served == ["a1", "b1", "c1", "a2", "a3"]
    assert turns.take("a", 1)


def test_a_group_at_its_bound_leaves_the_rest_to_others() -> None:
    turns: Turns[str] = Turns(4, 10)
    assert [turns.take("a", 2) for _ in range(3)] == [True, True, False]
    assert turns.wait("a", 2, "a3")
    assert turns.take("b", 2)
    assert turns.give_back("b") is None, "a's bound holds although places are free"
    assert turns.give_back("a") == "a3"


def test_nobody_overtakes_the_line_of_his_own_group() -> None:
    turns: Turns[str] = Turns(3, 10)
    turns.take("a", 1)
    turns.wait("a", 1, "first")
    assert not turns.take("a", 2), "also when the bound was raised meanwhile"
    assert turns.give_back("a") == "first"
    assert turns.take("a", 2)


async def test_a_full_waiting_room_and_a_long_wait_are_refused_with_the_reason() -> None:
    places = _places(2, waiting=1, patience=0.05)
    await places.take("a", 1)
    waiting = asyncio.create_task(places.take("a", 1))
    await asyncio.sleep(0)
    with pytest.raises(TooManyAtOnce):
        await places.take("a", 1)
    with pytest.raises(TooManyAtOnce) as refused:
        await waiting
    assert refused.value.retry_after == timedelta(seconds=1)
    await places.take("b", 1)
    with pytest.raises(Overloaded):
        await places.take("c", 1)


async def test_whoever_leaves_the_line_takes_no_place_with_him() -> None:
    places = _places(1)
    await places.take("a", 1)
    gone = asyncio.create_task(places.take("a", 1))
    stays = asyncio.create_task(places.take("b", 1))
    await asyncio.sleep(0)
    gone.cancel()
    places.give_back("a")
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
    places.give_back("b")
    await places.take("a", 1)


async def test_a_turn_that_came_while_leaving_is_passed_on() -> None:
    places = _places(1)
    await places.take("a", 1)
    gone = asyncio.create_task(places.take("a", 1))
    stays = asyncio.create_task(places.take("b", 1))
    await asyncio.sleep(0)
    places.give_back("a")
    gone.cancel()
    await asyncio.wait_for(stays, 1)


async def test_no_place_is_lost_or_given_twice_in_any_order_of_coming_and_going() -> None:
    seed = random.Random(7)
    places = _places(5, waiting=30, patience=0.01)
    running = {"a": 0, "b": 0, "c": 0}
    most = {"a": 3, "b": 2, "c": 5}
    served = 0

    async def one(group: str) -> None:
        nonlocal served
        try:
            await places.take(group, most[group])
        except AppError:
            return
        try:
            running[group] += 1
            served += 1
            assert running[group] <= most[group]
            assert sum(running.values()) <= 5
            await asyncio.sleep(seed.random() * 0.004)
        finally:
            running[group] -= 1
            places.give_back(group)

    tasks = []
    for _ in range(600):
        tasks.append(asyncio.create_task(one(seed.choice("aabc"))))
        if seed.random() < 0.3:
            await asyncio.sleep(0.0005)
        if seed.random() < 0.2:
            seed.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served > 100
    assert [task.exception() for task in tasks if not task.cancelled() and task.exception()] == []
    for _ in range(5):
        await places.take("c", 5)
