"""`/connections/{id}/grants`, and the names of levels and classes: for who administers connections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from common.contracts.http.grants import GrantBody, GrantList, GrantRequest, SecurityLevelList, VisibilityClassList
from common.errors import AppError
from common.ids import parse_id
from jira_sync.domain.grants import GrantNotFound
from jira_sync.inbound.dependencies import AppDep, ConnectionAdmin, ConnectionDep, IdempotentDep
from jira_sync.usecases import change_grants, list_grants

router = APIRouter(prefix="/api/v1/connections/{connection}", tags=["connections"])


def _grant(grant: Annotated[str, Path(max_length=100)]) -> UUID:
    """What is no id of a grant is answered like a grant that is not there."""
    try:
        return parse_id("gra", grant)
    except AppError:
        raise GrantNotFound from None


@router.get("/grants", summary="Who may see what of a connection")
async def get_grants(connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep) -> GrantList:
    return await list_grants.list_grants(app, caller.tenant, connection)


@router.post("/grants", status_code=201, response_model=GrantBody, summary="Let a role or a member see something")
async def post_grant(
    connection: ConnectionDep, asked: GrantRequest, caller: ConnectionAdmin, app: AppDep, idempotent: IdempotentDep
) -> Response:
    answer = await change_grants.add_grant(app, caller, connection, asked, idempotent)
    headers = {"Location": answer.location} if answer.location else {}
    return Response(answer.body, answer.status, media_type="application/json", headers=headers)


@router.delete("/grants/{grant}", status_code=204, summary="Take a grant back")
async def delete_grant(
    connection: ConnectionDep, grant: Annotated[UUID, Depends(_grant)], caller: ConnectionAdmin, app: AppDep
) -> None:
    await change_grants.remove_grant(app, caller, connection, grant)


@router.get("/security-levels", summary="Security levels that can be granted")
async def get_security_levels(connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep) -> SecurityLevelList:
    return await list_grants.list_security_levels(app, caller.tenant, connection)


@router.get("/visibility-classes", summary="Restricted visibilities that can be granted")
async def get_visibility_classes(
    connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep
) -> VisibilityClassList:
    return await list_grants.list_visibility_classes(app, caller.tenant, connection)
