"""A deleted tenant comes in; its connections stop, their mirrors and everything else go, what is left goes out."""

from collections.abc import Mapping

from common.db.erased import note_erased
from common.db.erasing import count_left, erase_portion
from common.db.roles import SERVICE_ROLES
from common.ids import TenantId
from jira_sync.app import App
from jira_sync.store.connections import delete_all_connections
from jira_sync.store.tables import erased_tenants

_LOGIN = SERVICE_ROLES["jira-sync"]


async def erase_tenant(app: App, tenant: TenantId) -> Mapping[str, int]:
    """Connections are deleted as their admin would do it, so that our webhooks at Jira go too; then all the rest."""
    async with app.db.uow(tenant) as tx:
        await note_erased(tx, erased_tenants, tenant)
        waiting = await delete_all_connections(tx, at=app.clock())
    for connection in waiting:
        app.wakes.cycle(connection).set()
    if waiting:
        app.wakes.connections.set()
        return await count_left(app.db, _LOGIN, tenant)
    app.sealer.forget(tenant)
    return await erase_portion(app.db, _LOGIN, tenant)
