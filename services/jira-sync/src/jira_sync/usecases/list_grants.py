"""A connection comes in; its grants, or what can be granted by name, go out."""

from common.contracts.http.grants import (
    GrantList,
    SecurityLevelBody,
    SecurityLevelList,
    VisibilityClassBody,
    VisibilityClassList,
)
from common.ids import ConnectionId, TenantId
from jira_sync.app import App
from jira_sync.store import grants as store
from jira_sync.store.connections import get_connection
from jira_sync.usecases.change_grants import grant_body


async def list_grants(app: App, tenant: TenantId, connection: ConnectionId) -> GrantList:
    """Raises `ConnectionNotFound`, as its sisters do."""
    async with app.db.uow(tenant) as tx:
        await get_connection(tx, connection)
        found = await store.list_grants(tx, connection)
    return GrantList(items=[grant_body(connection, grant) for grant in found])


async def list_security_levels(app: App, tenant: TenantId, connection: ConnectionId) -> SecurityLevelList:
    """The levels that issues of the mirror have; one that no issue has hides nothing."""
    async with app.db.uow(tenant) as tx:
        await get_connection(tx, connection)
        found = await store.list_levels(tx, connection)
    return SecurityLevelList(items=[SecurityLevelBody(id=level, name=name) for level, name in found])


async def list_visibility_classes(app: App, tenant: TenantId, connection: ConnectionId) -> VisibilityClassList:
    """The roles and groups that comments and worklogs of the mirror are restricted to."""
    async with app.db.uow(tenant) as tx:
        await get_connection(tx, connection)
        found = await store.list_classes(tx, connection)
    return VisibilityClassList(items=[_class_body(value) for value in found])


def _class_body(value: str) -> VisibilityClassBody:
    kind, _, name = value.partition(":")
    return VisibilityClassBody(value=value, type=kind, name=name)
