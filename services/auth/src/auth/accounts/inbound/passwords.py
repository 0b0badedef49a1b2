"""A lost password: asked for by address, set by the token of the mail."""

from fastapi import APIRouter, Request, Response

from auth.accounts.usecases.reset_password import ask_for_reset, reset_password
from auth.inbound.dependencies import AppDep, OriginDep
from common.contracts.http.invitations import ForgottenPassword, NewPassword
from common.web.problems import language_of

router = APIRouter(prefix="/api/v1/auth/password", tags=["auth"])


@router.post(
    "/forgot", status_code=202, response_class=Response, summary="Ask for a mail with a link to a new password"
)
async def post_forgot(body: ForgottenPassword, request: Request, app: AppDep, origin: OriginDep) -> Response:
    """The same answer, after the same time, whether or not there is an account."""
    await ask_for_reset(app, body.email, language_of(request.headers.get("accept-language")), origin)
    return Response(status_code=202, headers={"Cache-Control": "no-store"})


@router.post("/reset", status_code=204, summary="Set a new password by the token of the mail; all sessions end")
async def post_reset(body: NewPassword, app: AppDep) -> None:
    await reset_password(app, body.token.get_secret_value(), body.password.get_secret_value())
