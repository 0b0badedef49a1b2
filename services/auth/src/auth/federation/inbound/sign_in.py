"""Sign-in by another provider: off to its page, and back with its answer."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from auth.federation.domain.providers import Kind
from auth.federation.domain.ticket import Ticket
from auth.federation.inbound.delivery import deliver, refuse, wants_json
from auth.federation.inbound.ticket_cookie import drop_ticket_cookie, read_ticket_cookie, set_ticket_cookie
from auth.federation.usecases.begin_sign_in import begin_sign_in
from auth.federation.usecases.finish_sign_in import Returned, finish_sign_in
from auth.federation.usecases.manage_providers import list_sign_in_providers
from auth.federation.usecases.tickets import open_ticket
from auth.inbound.dependencies import AppDep, OriginDep
from auth.metrics import SIGN_INS
from common.contracts.http.providers import SignInProvider, SignInProviderList
from common.errors import AppError
from common.ids import parse_id, public_id

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

TenantQuery = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
Opaque = Annotated[str | None, Query(max_length=4096)]


@router.get("/providers", summary="How people of a tenant can sign in besides with a password")
async def get_sign_in_providers(tenant: TenantQuery, app: AppDep) -> SignInProviderList:
    items = [
        SignInProvider(
            id=public_id("idp", row.provider),
            kind=row.kind.value,
            name=row.name,
            start=f"/api/v1/auth/oidc/{public_id('idp', row.provider)}/start?tenant={quote(tenant)}",
        )
        for row in await list_sign_in_providers(app, tenant)
    ]
    return SignInProviderList(items=items)


@router.get("/oidc/{provider}/start", status_code=302, summary="Go to an identity provider's own page")
async def start(
    provider: str,
    tenant: TenantQuery,
    app: AppDep,
    return_to: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    begun = await begin_sign_in(app, tenant, parse_id("idp", provider), return_to)
    response = RedirectResponse(begun.location, 302, headers={"Cache-Control": "no-store"})
    set_ticket_cookie(response, begun.cookie, app.settings.federation.sign_in_life)
    return response


@router.get("/oidc/callback", summary="Back from an OpenID provider")
async def callback(
    request: Request,
    app: AppDep,
    origin: OriginDep,
    code: Opaque = None,
    state: Opaque = None,
    error: Opaque = None,
    iss: Opaque = None,
) -> Response:
    return await _finish(request, app, origin, Returned(Kind.OIDC, code, error, iss), state)


@router.get("/oidc/callback/atlassian", summary="Back from Atlassian")
async def atlassian_callback(
    request: Request, app: AppDep, origin: OriginDep, code: Opaque = None, state: Opaque = None, error: Opaque = None
) -> Response:
    return await _finish(request, app, origin, Returned(Kind.ATLASSIAN, code, error, None), state)


async def _finish(request: Request, app: AppDep, origin: OriginDep, returned: Returned, state: str | None) -> Response:
    """The cookie goes with the attempt; only an answer to another sign-in leaves it for its own."""
    ticket: Ticket | None = None
    try:
        ticket = open_ticket(app, read_ticket_cookie(request), state)
        issued = await finish_sign_in(app, ticket, returned, origin, cookie=not wants_json(request))
    except AppError as error:
        SIGN_INS.labels(error.code).inc()
        response = refuse(request, app, error, ticket)
    else:
        SIGN_INS.labels("signed_in").inc()
        response = deliver(request, app, issued, ticket)
    if ticket is not None:
        drop_ticket_cookie(response)
    return response
