"""A deleted tenant comes in; its exports and their files go, a portion at a time, what is left goes out."""

from collections.abc import Mapping

from common.db.erasing import erase_portion
from common.db.roles import SERVICE_ROLES
from common.ids import TenantId
from export_worker.app import App
from export_worker.store.steps import tenant_prefix
from export_worker.store.tables import erased_tenants

_LOGIN = SERVICE_ROLES["export-worker"]
_FILES = 2000


async def erase_tenant(app: App, tenant: TenantId) -> Mapping[str, int]:
    """Rows first: a worker that holds a step of a job that is gone makes no more files."""
    left = dict(await erase_portion(app.db, _LOGIN, tenant, tombstones=erased_tenants))
    files = await app.storage.delete_some(tenant_prefix(tenant), _FILES)
    return left | ({"files": files} if files else {})
