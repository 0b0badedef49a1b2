"""`/connections`: the writes; the gateway answers the reads from the same rows."""

from fastapi import APIRouter, Response

from common.contracts.http.connections import (
    ConnectionBody,
    ConnectionPatch,
    ConnectionRequest,
    ConnectionTestBody,
    SyncStateBody,
    connection_body,
    sync_state_body,
)
from jira_sync.inbound.dependencies import AppDep, ConnectionAdmin, ConnectionDep, IdempotentDep
from jira_sync.usecases import change_connection as changes
from jira_sync.usecases.create_connection import create_connection

router = APIRouter(prefix="/api/v1/connections", tags=["connections"])


@router.post(
    "",
    status_code=201,
    response_model=ConnectionBody,
    summary="Connect a Jira",
    description="201 only after Jira accepted the credentials; the mirror is then filled in the background.",
)
async def post_connection(
    request: ConnectionRequest, caller: ConnectionAdmin, app: AppDep, idempotent: IdempotentDep
) -> Response:
    answer = await create_connection(app, caller, request, idempotent)
    headers = {"Location": answer.location} if answer.location else {}
    return Response(answer.body, answer.status, media_type="application/json", headers=headers)


@router.patch("/{connection}", summary="Rename, pause, re-credential or re-scope a connection")
async def patch_connection(
    connection: ConnectionDep, patch: ConnectionPatch, caller: ConnectionAdmin, app: AppDep
) -> ConnectionBody:
    changed = await changes.change_connection(app, caller, connection, patch)
    return connection_body(changed.row)


@router.delete("/{connection}", status_code=204, summary="Delete a connection and its mirror")
async def delete_connection(connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep) -> None:
    await changes.delete_connection(app, caller, connection)


@router.post("/{connection}/test", summary="Try the stored credentials now")
async def post_test(connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep) -> ConnectionTestBody:
    return await changes.test_connection(app, caller.tenant, connection)


@router.post("/{connection}/sync", status_code=202, summary="Look for changes now")
async def post_sync(
    connection: ConnectionDep, caller: ConnectionAdmin, app: AppDep, response: Response
) -> SyncStateBody:
    found = await changes.request_sync(app, caller.tenant, connection)
    response.headers["Location"] = connection_body(found.row).links["sync"]
    return sync_state_body(found.row, now=app.clock())
