"""`/internal/v1/erase` of jira-sync."""

from collections.abc import Mapping

from fastapi import Request

from common.ids import TenantId
from common.web.erasing import erasing_router
from jira_sync.usecases.erase_tenant import erase_tenant


async def _erase(request: Request, tenant: TenantId) -> Mapping[str, int]:
    return await erase_tenant(request.app.state.app, tenant)


router = erasing_router(_erase)
