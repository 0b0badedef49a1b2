"""A deleted tenant comes in; its audit log and whatever Redis keeps of it go, what is left goes out."""

from collections.abc import Mapping

from api_gateway.app import App
from api_gateway.audit.store.tables import erased_tenants
from common.db.erasing import erase_portion
from common.db.roles import SERVICE_ROLES
from common.ids import TenantId, public_id

_LOGIN = SERVICE_ROLES["api-gateway"]


async def erase_tenant(app: App, tenant: TenantId) -> Mapping[str, int]:
    """Keys in Redis end by themselves as well, so that what is written meanwhile does not stay for long."""
    left = dict(await erase_portion(app.db, _LOGIN, tenant, tombstones=erased_tenants))
    keys = await app.redis_keys.remove((str(tenant), public_id("ten", tenant)))
    return left | ({"redis keys": keys} if keys else {})
