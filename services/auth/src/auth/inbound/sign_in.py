"""Signing in and out, refreshing, and entering another tenant."""

from fastapi import APIRouter, Request, Response

from auth.domain.errors import RefreshTokenInvalid
from auth.inbound.dependencies import AnyoneDep, AppDep, OriginDep, person_of
from auth.metrics import SIGN_INS
from auth.usecases.end_sessions import sign_out, sign_out_by_refresh_token
from auth.usecases.issue_tokens import Issued
from auth.usecases.refresh_session import refresh_session
from auth.usecases.sign_in import sign_in
from auth.usecases.switch_tenant import switch_tenant
from common.contracts.http.auth import LoginRequest, LogoutRequest, RefreshRequest, SignedIn, SwitchRequest
from common.errors import AppError
from common.ids import public_id

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


@router.post("/login", summary="Sign in with e-mail and password")
async def login(body: LoginRequest, app: AppDep, origin: OriginDep, response: Response) -> SignedIn:
    try:
        issued = await sign_in(app, body.email, body.password.get_secret_value(), body.tenant, origin)
    except AppError as error:
        SIGN_INS.labels(error.code).inc()
        raise
    SIGN_INS.labels("signed_in").inc()
    return _signed_in(issued, response)


@router.post("/refresh", summary="Exchange a refresh token")
async def refresh(body: RefreshRequest, app: AppDep, origin: OriginDep, response: Response) -> SignedIn:
    return _signed_in(await refresh_session(app, body.refresh_token.get_secret_value(), origin), response)


@router.post("/logout", status_code=204, summary="End the session of the access token, of the refresh token, or both")
async def logout(request: Request, app: AppDep, body: LogoutRequest | None = None) -> None:
    if body is not None and body.refresh_token is not None:
        await sign_out_by_refresh_token(app, body.refresh_token.get_secret_value())
    elif "authorization" not in request.headers:
        raise RefreshTokenInvalid(detail="Send the access token, the refresh token, or both.")
    try:
        person = await person_of(request, app)
    except AppError:
        # The refresh token has done its work, or there is nothing left to end.
        if body is None or body.refresh_token is None:
            raise
        return
    await sign_out(app, person.tenant, person.session)


@router.post("/switch", summary="Enter another tenant; the session in this one ends")
async def switch(
    body: SwitchRequest, person: AnyoneDep, app: AppDep, origin: OriginDep, response: Response
) -> SignedIn:
    issued = await switch_tenant(app, person.user, person.tenant, person.session, body.tenant, origin)
    return _signed_in(issued, response)


def _signed_in(issued: Issued, response: Response) -> SignedIn:
    response.headers["Cache-Control"] = "no-store"
    return SignedIn(
        access_token=issued.access_token,
        expires_in=issued.expires_in,
        refresh_token=issued.line.refresh_token,
        refresh_expires_in=issued.refresh_expires_in,
        session_id=public_id("ses", issued.line.session),
    )
