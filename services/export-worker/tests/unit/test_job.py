"""What becomes of an export."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_worker.domain.job import (
    GiveUp,
    Patience,
    Status,
    Wait,
    can_cancel,
    can_resume,
    final_status,
    is_poison,
    next_after_outage,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PATIENCE = Patience(limit=timedelta(minutes=30))


@pytest.mark.parametrize(
    ("total", "left_out", "notes", "expected"),
    [
        (3, 0, 0, Status.FINISHED),
        (3, 1, 0, Status.FINISHED_WITH_GAPS),
        (3, 0, 1, Status.FINISHED_WITH_GAPS),
        (3, 3, 0, Status.FAILED),
        (1, 1, 0, Status.FAILED),
    ],
)
def test_the_final_status_tells_of_every_gap(total, left_out, notes, expected):
    assert final_status(total, left_out, notes) is expected


def test_what_has_ended_well_is_neither_cancelled_nor_resumed():
    for status in (Status.FINISHED, Status.FINISHED_WITH_GAPS, Status.CANCELLED, Status.EXPIRED):
        assert not can_cancel(status)
        assert not can_resume(status)


def test_every_status_is_active_or_can_be_resumed_or_is_final():
    assert {status for status in Status if can_cancel(status)} == {Status.QUEUED, Status.RUNNING, Status.PAUSED}
    assert {status for status in Status if can_resume(status)} == {Status.PAUSED, Status.FAILED}


def test_pauses_double_up_to_the_longest():
    pauses = [next_after_outage(NOW, NOW, outages, PATIENCE) for outages in range(8)]
    assert [wait.pause.total_seconds() for wait in pauses] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_the_first_outage_is_never_the_last():
    assert next_after_outage(NOW, None, 0, PATIENCE) == Wait(timedelta(seconds=1))


def test_patience_counts_from_the_first_outage():
    late = NOW + timedelta(minutes=30)
    assert next_after_outage(late, NOW, 3, PATIENCE) == GiveUp(timedelta(minutes=30))
    assert isinstance(next_after_outage(late - timedelta(seconds=1), NOW, 3, PATIENCE), Wait)


@given(st.integers(min_value=0, max_value=10_000))
def test_no_number_of_outages_makes_a_pause_too_long(outages):
    decision = next_after_outage(NOW, NOW, outages, PATIENCE)
    assert isinstance(decision, Wait)
    assert timedelta(0) < decision.pause <= PATIENCE.longest_pause


def test_a_step_is_poison_only_after_it_took_several_workers_down():
    assert not is_poison(5, PATIENCE)
    assert is_poison(6, PATIENCE)
