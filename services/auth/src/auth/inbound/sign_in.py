"""Signing in and out, refreshing, and entering another tenant; the tokens go out in the answer or as cookies."""

from fastapi import APIRouter, Request, Response

from auth.app import App
from auth.domain.accounts import Origin
from auth.domain.errors import RefreshTokenInvalid
from auth.inbound.cookies import (
    check_origin,
    check_refresh_by_cookie,
    clear_cookies,
    deliver_by_cookie,
    has_cookies,
)
from auth.inbound.dependencies import AnyoneDep, AppDep, OriginDep, person_of
from auth.metrics import SIGN_INS
from auth.usecases.end_sessions import sign_out, sign_out_by_refresh_token
from auth.usecases.issue_tokens import Issued
from auth.usecases.refresh_session import refresh_session
from auth.usecases.sign_in import sign_in
from auth.usecases.switch_tenant import switch_tenant
from common.contracts.http.auth import (
    LoginRequest,
    LogoutRequest,
    RefreshRequest,
    SignedIn,
    SignedInByCookie,
    SwitchRequest,
)
from common.errors import AppError
from common.ids import public_id
from common.web.credentials import REFRESH_COOKIE
from common.web.problems import from_app_error, language_of

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

Tokens = SignedIn | SignedInByCookie


@router.post("/login", summary="Sign in with e-mail and password")
async def login(request: Request, body: LoginRequest, app: AppDep, origin: OriginDep, response: Response) -> Tokens:
    cookie = body.delivery == "cookie"
    if cookie:
        await check_origin(request, app)
    try:
        password = body.password.get_secret_value()
        issued = await sign_in(app, body.email, password, body.tenant, origin, cookie=cookie)
    except AppError as error:
        SIGN_INS.labels(error.code).inc()
        raise
    SIGN_INS.labels("signed_in").inc()
    return _delivered(issued, response)


@router.post("/refresh", response_model=Tokens, summary="Exchange a refresh token")
async def refresh(
    request: Request, app: AppDep, origin: OriginDep, response: Response, body: RefreshRequest | None = None
) -> Tokens | Response:
    if body is None or body.refresh_token is None:
        return await _refresh_by_cookie(request, app, origin, response)
    return _delivered(await refresh_session(app, body.refresh_token.get_secret_value(), origin), response)


@router.post("/logout", status_code=204, summary="End the session of the access token, of the refresh token, or both")
async def logout(request: Request, response: Response, app: AppDep, body: LogoutRequest | None = None) -> None:
    """A browser's cookies go in any case, unless another page sent it."""
    if body is not None and body.refresh_token is not None:
        await sign_out_by_refresh_token(app, body.refresh_token.get_secret_value())
    elif "authorization" not in request.headers:
        await _sign_out_by_cookie(request, response, app)
        return
    try:
        person = await person_of(request, app)
    except AppError:
        # The refresh token has done its work, or there is nothing left to end.
        if body is None or body.refresh_token is None:
            raise
        return
    await sign_out(app, person.tenant, person.session)


@router.post("/switch", summary="Enter another tenant; the session in this one ends")
async def switch(body: SwitchRequest, person: AnyoneDep, app: AppDep, origin: OriginDep, response: Response) -> Tokens:
    issued = await switch_tenant(
        app, person.user, person.tenant, person.session, body.tenant, origin, cookie=person.by_cookie
    )
    return _delivered(issued, response)


async def _refresh_by_cookie(request: Request, app: App, origin: Origin, response: Response) -> Tokens | Response:
    token = request.cookies.get(REFRESH_COOKIE)
    if token is None:
        raise RefreshTokenInvalid(detail="Send the refresh token, or its cookie.")
    await check_refresh_by_cookie(request, app)
    try:
        return _delivered(await refresh_session(app, token, origin, cookie=True), response)
    except RefreshTokenInvalid as error:
        refused = from_app_error(error, language_of(request.headers.get("accept-language")))
        clear_cookies(refused)
        return refused


async def _sign_out_by_cookie(request: Request, response: Response, app: App) -> None:
    if not has_cookies(request):
        raise RefreshTokenInvalid(detail="Send the access token, the refresh token, or both.")
    await check_refresh_by_cookie(request, app)
    token = request.cookies.get(REFRESH_COOKIE)
    if token is None:
        person = await person_of(request, app)
        await sign_out(app, person.tenant, person.session)
    else:
        await sign_out_by_refresh_token(app, token)
    clear_cookies(response)


def _delivered(issued: Issued, response: Response) -> Tokens:
    if issued.csrf is not None:
        return deliver_by_cookie(response, issued)
    response.headers["Cache-Control"] = "no-store"
    return SignedIn(
        access_token=issued.access_token,
        expires_in=issued.expires_in,
        refresh_token=issued.line.refresh_token,
        refresh_expires_in=issued.refresh_expires_in,
        session_id=public_id("ses", issued.line.session),
    )
