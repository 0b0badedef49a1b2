"""The end of every way to sign in: who proved what in, a session with its tokens or a refusal out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from auth.app import App
from auth.domain.accounts import Account, Origin, Place
from auth.domain.errors import FactorNeeded
from auth.domain.platform import PLATFORM
from auth.domain.sign_in_steps import AskFactor, Proved, next_step
from auth.usecases.auditing import NOBODY, audit, person
from auth.usecases.issue_tokens import Issued, issue_tokens, open_session
from common.db.unit_of_work import Tx
from common.errors import AppError
from common.ids import public_id

#: What else belongs into the transaction that opens the session.
Also = Callable[[Tx], Awaitable[None]]


async def complete_sign_in(
    app: App,
    proved: Proved,
    places: Sequence[Place],
    wanted: str | None,
    origin: Origin,
    *,
    also: Also | None = None,
    cookie: bool = False,
) -> Issued:
    """Every door that proves something ends here, whatever it proved."""
    step = next_step(proved, places, wanted)
    if isinstance(step, AskFactor):
        raise FactorNeeded(extra={"one_of": sorted(step.one_of)})
    now, user = app.clock(), proved.account.user
    async with app.db.uow(step.seat.tenant) as tx:
        if also is not None:
            await also(tx)
        line = await open_session(tx, user, origin, now=now, method=step.method)
        by = person(user, step.seat.tenant, line.session)
        target = ("session", public_id("ses", line.session))
        await audit(tx, "session.started", by=by, at=now, target=target, details={"method": step.method})
    return await issue_tokens(app, line, now=now, cookie=cookie)


async def record_refusal(
    app: App, error: AppError, method: str, *, account: Account | None, places: Sequence[Place], at: datetime
) -> None:
    """Into the log of the person's tenant, or the platform's for somebody unknown; the same work for both."""
    tenant = places[0].tenant.tenant if places else PLATFORM
    target = None if account is None else ("user", public_id("usr", account.user))
    async with app.db.uow(tenant) as tx:
        await audit(
            tx,
            "session.refused",
            by=NOBODY,
            at=at,
            target=target,
            outcome="denied",
            reason=error.code,
            details={"method": method},
        )
