"""The life of a refresh family against a model that knows what every holder of every token may expect."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from auth.domain.families import (
    GRACE,
    Family,
    Presented,
    Verdict,
    fingerprint,
    first_token,
    judge,
    next_expiry,
    successor_of,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
IDLE = timedelta(days=14)
LIFE = timedelta(days=90)


class RefreshFamily(RuleBasedStateMachine):
    """Keeps the family as the store does; the model beside it only counts who could still be served."""

    @initialize()
    def sign_in(self) -> None:
        self.now = START
        self.tokens = [first_token()]
        self.used_at: dict[int, datetime] = {}
        self.salts: dict[int, bytes] = {}
        self.family = Family(1, START + IDLE)
        self.stolen_use_seen = False
        self.dead_because_over = False

    def show(self, generation: int) -> tuple[Verdict, str | None]:
        """What `store` and `refresh_session` do with the verdict."""
        verdict = judge(self.family, Presented(generation, self.used_at.get(generation)), self.now)
        token = self.tokens[generation - 1]
        if verdict is Verdict.ROTATE:
            salt = generation.to_bytes(32, "big")
            self.salts[generation] = salt
            self.used_at[generation] = self.now
            self.tokens.append(successor_of(token, salt))
            self.family = Family(generation + 1, next_expiry(self.now, IDLE, START + LIFE))
            return verdict, self.tokens[-1]
        if verdict is Verdict.REPEAT:
            return verdict, successor_of(token, self.salts[generation])
        if verdict is Verdict.REVOKE:
            self.family = Family(self.family.generation, self.family.expires_at, self.now)
        return verdict, None

    @property
    def over(self) -> bool:
        return self.family.revoked_at is not None or self.now >= self.family.expires_at

    @rule(seconds=st.one_of(st.integers(0, 12), st.sampled_from([11, 3600, 86_400, 15 * 86_400])))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def show_the_living_token(self) -> None:
        before, over = self.family.generation, self.over
        verdict, successor = self.show(before)
        assert (verdict is Verdict.ROTATE) is not over
        assert (successor is not None) is not over

    @precondition(lambda self: self.family.generation > 1)
    @rule()
    def show_the_one_before(self) -> None:
        over, generation = self.over, self.family.generation - 1
        in_grace = self.now - self.used_at[generation] <= GRACE
        verdict, successor = self.show(generation)
        if over:
            assert verdict is Verdict.REFUSE
        elif in_grace:
            assert successor == self.tokens[-1]
        else:
            assert self.family.revoked_at == self.now

    @precondition(lambda self: self.family.generation > 2)
    @rule(data=st.data())
    def show_an_old_one(self, data: st.DataObject) -> None:
        over = self.over
        generation = data.draw(st.integers(1, self.family.generation - 2))
        in_grace = self.now - self.used_at[generation] <= GRACE
        verdict, successor = self.show(generation)
        assert successor is None
        assert verdict is (Verdict.REFUSE if over or in_grace else Verdict.REVOKE)

    @rule()
    def ten_show_the_living_token_at_once(self) -> None:
        generation, over = self.family.generation, self.over
        answers = {self.show(generation)[1] for _ in range(10)}
        assert len(answers) == 1
        assert (answers == {None}) is over

    @invariant()
    def at_most_one_token_can_be_rotated(self) -> None:
        numbers = range(1, len(self.tokens) + 1)
        verdicts = [judge(self.family, Presented(n, self.used_at.get(n)), self.now) for n in numbers]
        assert verdicts.count(Verdict.ROTATE) == (0 if self.over else 1)
        assert len(set(self.tokens)) == len(self.tokens) == self.family.generation

    @invariant()
    def nothing_outlives_the_session(self) -> None:
        assert self.family.expires_at <= START + LIFE


RefreshFamily.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRefreshFamily = RefreshFamily.TestCase


def test_a_successor_needs_both_the_token_and_the_salt():
    token = first_token()
    assert successor_of(token, b"a" * 32) == successor_of(token, b"a" * 32)
    assert successor_of(token, b"a" * 32) != successor_of(token, b"b" * 32)
    assert successor_of(first_token(), b"a" * 32) != successor_of(token, b"a" * 32)


def test_any_text_has_a_fingerprint_that_does_not_contain_it():
    for text in (first_token(), "", "\ud800", "é" * 100):
        assert len(fingerprint(text)) == 32
    token = first_token()
    assert token.encode() not in fingerprint(token)


def test_a_token_used_by_another_clock_slightly_ahead_is_a_lost_reply():
    family = Family(2, START + IDLE)
    assert judge(family, Presented(1, START + timedelta(seconds=5)), START) is Verdict.REPEAT
