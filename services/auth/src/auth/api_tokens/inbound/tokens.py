"""API tokens: a person's own, and all of the tenant for those who may see them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from auth.api_tokens.domain.api_tokens import ApiToken
from auth.api_tokens.usecases.make_api_token import (
    Made,
    Maker,
    Wish,
    approve_unlimited,
    make_api_token,
    rotate_api_token,
)
from auth.api_tokens.usecases.revoke_api_tokens import list_tokens, revoke_token, revoke_tokens
from auth.app import App
from auth.domain.errors import SessionNeeded
from auth.inbound.dependencies import AnyoneDep, AnyoneOrMachineDep, AppDep, Person, TokenAdminDep
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from common.contracts.http.api_tokens import ApiTokenList, ApiTokenView, CreatedApiToken, NewApiToken, RotateApiToken
from common.errors import ScopeMissing
from common.ids import TokenId, UserId, parse_id, public_id

router = APIRouter(prefix="/api/v1/auth/tokens", tags=["auth"])

AllQuery = Annotated[bool, Query(alias="all", description="of the whole tenant; needs tokens:admin")]


@router.get("", summary="Your API tokens, or all of the tenant")
async def get_tokens(
    caller: AnyoneDep, app: AppDep, everybody: AllQuery = False, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> ApiTokenList:
    user = _whose(caller, everybody=everybody)
    cursors, now = _cursors(app, caller, user), app.clock()
    rows = await list_tokens(app, caller.tenant, user, before=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([row.token for row in rows], limit, now)
    return ApiTokenList(items=[_view(row) for row in rows[:limit]], next_cursor=following)


@router.post("", status_code=201, summary="Make an API token; its text is shown only now")
async def post_token(body: NewApiToken, caller: AnyoneDep, app: AppDep, response: Response) -> CreatedApiToken:
    life = None if body.expires_in_days is None else timedelta(days=body.expires_in_days)
    wish = Wish(body.name, frozenset(body.scopes), life, body.unlimited)
    return _created(await make_api_token(app, _maker(caller), wish), response)


@router.post("/{token}/rotate", status_code=201, summary="Replace an API token; the old one goes on for a while")
async def post_rotation(
    token: str, caller: AnyoneDep, app: AppDep, response: Response, body: RotateApiToken | None = None
) -> CreatedApiToken:
    overlap = timedelta(hours=(body or RotateApiToken()).overlap_hours)
    return _created(await rotate_api_token(app, _maker(caller), _token(token), overlap), response)


@router.post("/{token}/approve", summary="Let an API token of a member last without an end (owner)")
async def post_approval(token: str, caller: TokenAdminDep, app: AppDep) -> ApiTokenView:
    if caller.api_token is not None:
        raise SessionNeeded
    return _view(await approve_unlimited(app, _maker(caller), _token(token)))


@router.delete("/{token}", status_code=204, summary="Revoke an API token")
async def delete_token(token: str, caller: AnyoneOrMachineDep, app: AppDep) -> None:
    """A machine may give up its own token and no other."""
    wanted = _token(token)
    if caller.api_token not in (None, wanted):
        raise SessionNeeded
    of = None if "tokens:admin" in caller.scopes else caller.user
    await revoke_token(app, caller.tenant, wanted, of=of, by=caller.doer)


@router.delete("", status_code=204, summary="Revoke all your API tokens, or all of the tenant")
async def delete_tokens(caller: AnyoneDep, app: AppDep, everybody: AllQuery = False) -> None:
    await revoke_tokens(app, caller.tenant, of=_whose(caller, everybody=everybody), by=caller.doer)


def _whose(caller: Person, *, everybody: bool) -> UserId | None:
    if everybody and "tokens:admin" not in caller.scopes:
        raise ScopeMissing(detail="This needs the scope tokens:admin.", extra={"scope": "tokens:admin"})
    return None if everybody else caller.user


def _maker(caller: Person) -> Maker:
    return Maker(caller.tenant, caller.user, caller.scopes, caller.doer)


def _token(text: str) -> TokenId:
    return TokenId(parse_id("tok", text))


def _cursors(app: App, caller: Person, user: UserId | None) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"tokens:{caller.tenant}:{user}")


def _created(made: Made, response: Response) -> CreatedApiToken:
    response.headers["Cache-Control"] = "no-store"
    return CreatedApiToken(**_view(made.token).model_dump(), token=made.text)


def _view(row: ApiToken) -> ApiTokenView:
    return ApiTokenView(
        id=public_id("tok", row.token),
        user_id=public_id("usr", row.user),
        name=row.name,
        hint=row.hint,
        scopes=sorted(row.scopes),
        created=row.created,
        expires=row.expires,
        last_used=row.last_used,
        replaced_by=None if row.replaced_by is None else public_id("tok", row.replaced_by),
    )
