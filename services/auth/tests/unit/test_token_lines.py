"""A session's tokens as a state machine: several nodes with different clocks, a browser and a program, a thief.

The model knows who may be served. What is checked after every step: at most one line lives, what was revoked stays
dead for everybody and in every form, and no access token outlives the session by more than its own life.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from auth.domain.accounts import Session
from auth.domain.families import GRACE, Family, Presented, Verdict, first_token, judge, next_expiry, successor_of
from auth.domain.platform import PLATFORM
from auth.domain.seats import Seat, session_end
from common.ids import SessionId, UserId, new_id

START = datetime(2026, 1, 1, tzinfo=UTC)
IDLE, LIFE = timedelta(days=14), timedelta(days=20)
ACCESS = timedelta(minutes=10)
SKEWS = st.sampled_from([timedelta(seconds=each) for each in (-30, -5, 0, 5, 30)])


class TokenLines(RuleBasedStateMachine):
    """Keeps what the tables keep; each rule is a request at some node, whose clock is a little off."""

    @initialize()
    def sign_in(self) -> None:
        self.now = START
        self.seat = Seat(PLATFORM, "member", frozenset(), IDLE, LIFE)
        ids = {"tenant": PLATFORM, "session": SessionId(new_id()), "user": UserId(new_id())}
        self.session = Session(
            **ids,
            device=None,
            address=None,
            created=START,
            last_used=START,
            expires=START + LIFE,
            idle_until=START + IDLE,
        )
        self.family = Family(1, START + IDLE)
        self.tokens = [first_token()]
        self.used_at: dict[int, datetime] = {}
        self.ended_at: datetime | None = None
        self.access_until = START + ACCESS
        self.forms: set[str] = set()

    def _ended(self, now: datetime) -> bool:
        return self.ended_at is not None or not self.session.is_alive(now)

    def _end(self) -> None:
        self.ended_at = self.now
        self.family = Family(self.family.generation, self.family.expires_at, self.now)

    def _show(self, generation: int, skew: timedelta, form: str) -> str | None:
        """What `refresh_session` does, at a node whose clock is `skew` off."""
        now = self.now + skew
        if self._ended(now):
            return None
        verdict = judge(self.family, Presented(generation, self.used_at.get(generation)), now)
        if verdict is Verdict.REVOKE:
            self._end()
        if verdict not in (Verdict.ROTATE, Verdict.REPEAT):
            return None
        end = session_end(self.session, self.seat, now)
        if end <= now:
            self._end()
            return None
        self.access_until = max(self.access_until, now + ACCESS)
        self.forms.add(form)
        successor = successor_of(self.tokens[generation - 1], b"s" * 32)
        if verdict is Verdict.ROTATE:
            until = next_expiry(now, self.seat.idle, end)
            self.used_at[generation] = now
            self.tokens.append(successor)
            self.family = Family(generation + 1, until)
            self.session = _touched(self.session, now, until)
        return successor

    @rule(seconds=st.sampled_from([0, 1, 9, 10, 11, 15, 3600, 86_400, 6 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(after=st.sampled_from([0, 3600, 6 * 86_400]), skew=SKEWS, form=st.sampled_from(["cookie", "body"]))
    def refresh(self, after: int, skew: timedelta, form: str) -> None:
        self.now += timedelta(seconds=after)
        now = self.now + skew
        silent, old = now - self.session.last_used >= self.seat.idle, now >= START + self.seat.life
        was_over = self._ended(now) or silent or old
        got = self._show(self.family.generation, skew, form)
        assert (got is None) is was_over
        assert got is None or got == self.tokens[-1]

    @precondition(lambda self: self.family.generation > 1)
    @rule(after=st.integers(0, 25), skew=SKEWS, form=st.sampled_from(["cookie", "body"]))
    def the_reply_got_lost(self, after: int, skew: timedelta, form: str) -> None:
        self.now += timedelta(seconds=after)
        generation = self.family.generation - 1
        late = self.now + skew - self.used_at[generation] > GRACE
        got = self._show(generation, skew, form)
        assert got in (None, self.tokens[-1])
        assert not (late and got)

    @precondition(lambda self: self.family.generation > 2)
    @rule(data=st.data(), skew=SKEWS)
    def a_thief_shows_an_old_one(self, data: st.DataObject, skew: timedelta) -> None:
        generation = data.draw(st.integers(1, self.family.generation - 2))
        assert self._show(generation, skew, "body") is None

    @rule(skews=st.lists(SKEWS, min_size=10, max_size=10))
    def ten_refresh_at_once_at_different_nodes(self, skews: list[timedelta]) -> None:
        generation = self.family.generation
        got = {self._show(generation, skew, "body") for skew in skews} - {None}
        assert len(got) <= 1

    @precondition(lambda self: self.family.generation > 4)
    @rule()
    def somebody_ends_the_session(self) -> None:
        if self.ended_at is None:
            self._end()

    @rule(idle=st.sampled_from([7, 14]), life=st.sampled_from([14, 20, 90]))
    def the_tenant_changes_its_times(self, idle: int, life: int) -> None:
        self.seat = Seat(PLATFORM, "member", frozenset(), timedelta(days=idle), timedelta(days=life))

    @invariant()
    def at_most_one_line_lives(self) -> None:
        numbers = range(1, len(self.tokens) + 1)
        verdicts = [judge(self.family, Presented(n, self.used_at.get(n)), self.now) for n in numbers]
        assert verdicts.count(Verdict.ROTATE) <= 1
        assert len(set(self.tokens)) == len(self.tokens) == self.family.generation

    @invariant()
    def what_ended_stays_dead(self) -> None:
        if self.ended_at is not None:
            assert self.family.revoked_at is not None
            assert judge(self.family, Presented(self.family.generation), self.now) is Verdict.REFUSE

    @invariant()
    def nothing_outlives_the_session(self) -> None:
        assert self.family.expires_at <= self.session.expires
        assert self.access_until <= self.session.expires + ACCESS + timedelta(seconds=30)


def _touched(session: Session, now: datetime, until: datetime) -> Session:
    return Session(
        tenant=session.tenant,
        session=session.session,
        user=session.user,
        device=None,
        address=None,
        created=session.created,
        last_used=now,
        expires=session.expires,
        idle_until=until,
    )


TokenLines.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestTokenLines = TokenLines.TestCase
