"""A session in one tenant in, a session of the same person in another tenant out; the first one ends."""

from auth.app import FINDER, App
from auth.domain.accounts import Origin
from auth.domain.errors import SessionEnded
from auth.domain.seats import choose_seat
from auth.domain.sign_in_steps import UNBOUND
from auth.federation.domain.errors import BoundToTenant
from auth.store.accounts import find_account
from auth.store.memberships import list_places
from auth.store.sessions import find_session, this
from auth.usecases.auditing import audit, person
from auth.usecases.end_sessions import end_and_tell
from auth.usecases.issue_tokens import Issued, issue_tokens, open_session
from common.ids import SessionId, TenantId, UserId, public_id


async def switch_tenant(
    app: App, user: UserId, tenant: TenantId, session: SessionId, wanted: str, origin: Origin, *, cookie: bool = False
) -> Issued:
    async with app.db.uow_for_all_tenants("a person enters another tenant", role=FINDER) as across:
        account = await find_account(across, user)
        places = await list_places(across, user)
    if account is None:
        raise SessionEnded
    seat = choose_seat(account, places, wanted)
    now = app.clock()
    # The old session ends first: two at once would otherwise leave one session for each of them.
    async with app.db.uow(tenant) as tx:
        before = await find_session(tx, session)
        if before is not None and before.method not in UNBOUND and seat.tenant != tenant:
            raise BoundToTenant
        if before is None or await end_and_tell(tx, this(session), "switched", now=now) == 0:
            raise SessionEnded
        target = ("session", public_id("ses", session))
        await audit(tx, "session.switched", by=person(user, tenant, session), at=now, target=target)
    async with app.db.uow(seat.tenant) as tx:
        line = await open_session(tx, user, origin, now=now, method=before.method)
        by, target = person(user, seat.tenant, line.session), ("session", public_id("ses", line.session))
        await audit(tx, "session.started", by=by, at=now, target=target, details={"method": before.method})
    return await issue_tokens(app, line, now=now, cookie=cookie)
