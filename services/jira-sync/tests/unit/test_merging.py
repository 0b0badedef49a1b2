"""Observations of an issue may come in any order and any number: the newest state stands."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jira_sync.domain.merging import Head, Verdict, is_gone, verdict_on

START = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Observation:
    """What a call that began at `observed` saw: a state that was last updated at `updated`, or a 404."""

    observed: int
    updated: int | None

    @property
    def content(self) -> bytes:
        return str(self.updated).encode()


@dataclass
class Row:
    """The mirror's row of one issue, as the store keeps it."""

    head: Head | None = None
    gone_at: datetime | None = None
    stored: list[Verdict] = field(default_factory=list)

    def take(self, seen: Observation) -> None:
        observed_at = START + timedelta(seconds=seen.observed)
        if seen.updated is None:
            if is_gone(self.head, observed_at=observed_at):
                assert self.head is not None
                self.head = Head(self.head.updated, observed_at, self.head.content_hash, observed_at)
            self.gone_at = max(self.gone_at or observed_at, observed_at)
            return
        updated = START + timedelta(seconds=seen.updated)
        verdict = verdict_on(
            self.head, updated=updated, observed_at=observed_at, content_hash=seen.content, gone_at=self.gone_at
        )
        self.stored.append(verdict)
        if verdict is not Verdict.SKIP:
            self.head = Head(updated, observed_at, seen.content, None)


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    """What could be observed of one issue: it changes, goes out of sight and comes back, and clocks only go on."""
    count = draw(st.integers(1, 8))
    updated, found = 0, []
    for observed in range(count):
        if draw(st.booleans()):
            updated = observed
        found.append(Observation(observed, None if draw(st.integers(0, 3)) == 0 else updated))
    return found


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_state_seen_last(history, random):
    shuffled = history + random.sample(history, random.randint(0, len(history)))
    random.shuffle(shuffled)
    row = Row()
    for seen in shuffled:
        row.take(seen)
    last = history[-1]
    if last.updated is None:
        assert row.head is None or row.head.deleted_at is not None
    else:
        assert row.head is not None
        assert row.head.deleted_at is None
        assert row.head.content_hash == last.content


@given(histories())
def test_second_pass_over_the_same_observations_stores_nothing(history):
    row = Row()
    for seen in history:
        row.take(seen)
    row.stored.clear()
    for seen in history:
        if seen.updated is not None:
            row.take(seen)
    assert {*row.stored} <= {Verdict.SKIP, Verdict.REFRESH}


def test_a_404_asked_for_before_the_issue_was_seen_takes_nothing_out():
    row = Row()
    row.take(Observation(5, 3))
    row.take(Observation(4, None))
    assert row.head is not None
    assert row.head.deleted_at is None


def test_an_older_answer_does_not_bring_a_deleted_issue_back():
    row = Row()
    row.take(Observation(5, None))
    row.take(Observation(4, 3))
    assert row.head is None
