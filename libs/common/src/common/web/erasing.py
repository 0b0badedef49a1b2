"""`POST /internal/v1/erase`: auth asks a service to erase a portion of a deleted tenant; what is left goes out."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request
from pydantic import BaseModel

from common.errors import ScopeMissing
from common.ids import TenantId
from common.web.internal import InternalCallerDep

Erase = Callable[[Request, TenantId], Awaitable[Mapping[str, int]]]

_ASKED_BY = "auth"


class ErasedBody(BaseModel):
    """What is left, by table or kind of thing; nothing when the service has no trace of the tenant."""

    left: dict[str, int]


def erasing_router(erase: Erase) -> APIRouter:
    """The door of a service; the token names the tenant, and only auth is let in."""
    router = APIRouter(prefix="/internal/v1/erase", tags=["internal"], include_in_schema=False)

    @router.post("", summary="Erase a portion of a deleted tenant")
    async def post_erase(request: Request, caller: InternalCallerDep) -> ErasedBody:
        if caller.service != _ASKED_BY:
            raise ScopeMissing
        return ErasedBody(left=dict(await erase(request, caller.tenant)))

    return router
