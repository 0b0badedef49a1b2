"""Ends all of a person's sessions in all tenants, the platform's included."""

from auth.accounts.store.people import tenants_with_sessions
from auth.app import FINDER, App
from auth.store.sessions import all_of
from auth.usecases.end_sessions import Reason, end_and_tell
from common.ids import SessionId, UserId


async def end_everywhere(app: App, user: UserId, reason: Reason, *, but: SessionId | None = None) -> None:
    """One transaction for each tenant; whoever is interrupted here may do it again."""
    async with app.db.uow_for_all_tenants("a person's sessions end everywhere", role=FINDER) as across:
        tenants = await tenants_with_sessions(across, user)
    for tenant in tenants:
        async with app.db.uow(tenant) as tx:
            await end_and_tell(tx, all_of(user, but=but), reason, now=app.clock())
