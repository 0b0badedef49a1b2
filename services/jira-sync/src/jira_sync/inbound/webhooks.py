"""`/webhooks/jira/{connection}`: Jira's deliveries, answered as soon as they are stored."""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from jira_sync.inbound.dependencies import AppDep, ConnectionDep
from jira_sync.usecases.accept_webhook import KnownHooks, accept_webhook

router = APIRouter(tags=["webhooks"])


@router.post("/webhooks/jira/{connection}", status_code=202, summary="Jira's own deliveries")
async def post_delivery(
    connection: ConnectionDep,
    request: Request,
    app: AppDep,
    x_hub_signature: Annotated[str | None, Header()] = None,
    x_atlassian_webhook_identifier: Annotated[str | None, Header(max_length=200)] = None,
) -> dict[str, bool]:
    known: KnownHooks = request.app.state.known_hooks
    body = await request.body()
    fresh = await accept_webhook(
        app, known, connection, body=body, signature=x_hub_signature, identifier=x_atlassian_webhook_identifier
    )
    return {"accepted": fresh}
