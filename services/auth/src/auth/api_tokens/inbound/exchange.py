"""The door of other services: an API token that a client showed to them in, an access token out."""

from fastapi import APIRouter, Response

from auth.api_tokens.usecases.exchange_api_token import exchange_api_token
from auth.inbound.dependencies import AppDep
from common.contracts.http.api_tokens import ExchangedToken, ExchangeRequest
from common.web.internal import InternalCallerDep

router = APIRouter(prefix="/internal/v1", include_in_schema=False)


@router.post("/token-exchange")
async def token_exchange(
    body: ExchangeRequest, _service: InternalCallerDep, app: AppDep, response: Response
) -> ExchangedToken:
    made = await exchange_api_token(app, body.token.get_secret_value(), body.address or "unknown")
    response.headers["Cache-Control"] = "no-store"
    return ExchangedToken(access_token=made.access_token, expires_in=made.expires_in)
