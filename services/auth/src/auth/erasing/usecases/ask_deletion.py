"""An operator asks for a tenant to be deleted: nobody gets in from now on, and the job is told to begin."""

from auth.api_tokens.usecases.revoke_api_tokens import silence_all
from auth.app import App
from auth.domain.accounts import Tenant
from auth.domain.platform import PLATFORM
from auth.erasing.domain.deletion import Deletion
from auth.erasing.store.deletions import begin_deletion, find_deletion
from auth.store.sessions import of_everybody
from auth.usecases.auditing import Doer, audit
from auth.usecases.end_sessions import end_and_tell
from common.errors import NotFound
from common.ids import TenantId, public_id


async def ask_deletion(app: App, by: Doer, tenant: TenantId) -> tuple[Tenant, Deletion]:
    """May be asked again, and then says how far it is; raises `NotFound` for a tenant that is gone."""
    if tenant == PLATFORM:
        raise NotFound
    now = app.clock()
    asked = Deletion(now, None if by.user is None else public_id("usr", by.user))
    async with app.db.uow(PLATFORM) as tx:
        if await begin_deletion(tx, tenant, asked):
            target = ("tenant", public_id("ten", tenant))
            await audit(tx, "tenant.deletion_asked", by=by, at=now, target=target)
        found = await find_deletion(tx, tenant)
    if found is None:
        raise NotFound
    await silence(app, tenant)
    app.wake_eraser.set()
    return found


async def silence(app: App, tenant: TenantId) -> None:
    """Ends every session and every API token of the tenant; the job does it again, should this be interrupted."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        await end_and_tell(tx, of_everybody(), "removed", now=now)
        await silence_all(tx, "tenant_deleted", now=now)
