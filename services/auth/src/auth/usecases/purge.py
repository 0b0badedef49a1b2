"""Forgets what is over: sessions that ended long ago, and the way from a used refresh token to its successor."""

from auth.accounts.store.invitations import purge_invitations
from auth.accounts.store.resets import purge_resets
from auth.api_tokens.store.api_tokens import purge_api_tokens
from auth.app import App
from auth.domain.families import GRACE
from auth.domain.platform import PLATFORM
from auth.federation.store.identities import forget_finished
from auth.store.refresh_families import forget_salts
from auth.store.sessions import purge_sessions
from auth.store.tenants import list_tenant_ids


async def purge(app: App) -> int:
    """One short transaction for each tenant; returns how many sessions were forgotten."""
    async with app.db.uow(PLATFORM) as tx:
        everywhere = [PLATFORM, *await list_tenant_ids(tx)]
        await purge_resets(tx, expired_before=app.clock() - app.settings.keep_ended_sessions)
    forgotten = 0
    for tenant in everywhere:
        now = app.clock()
        async with app.db.uow(tenant) as tx:
            await forget_finished(tx, now=now)
            await purge_invitations(tx, expired_before=now - app.settings.keep_ended_sessions)
            await forget_salts(tx, used_before=now - GRACE)
            await purge_api_tokens(tx, now=now, keep=app.settings.keep_ended_sessions)
            forgotten += await purge_sessions(tx, now=now, keep=app.settings.keep_ended_sessions)
    return forgotten
