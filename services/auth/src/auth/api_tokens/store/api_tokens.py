"""API tokens: rows of `auth.api_tokens`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from auth.api_tokens.domain.api_tokens import ApiToken
from auth.api_tokens.store.tables import api_tokens
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId, TokenId, UserId
from common.web.api_tokens import fingerprint


async def find_tenant_of_api_token(tx: AcrossTenantsTx, text: str) -> TenantId | None:
    by_hash = api_tokens.c.token_hash == fingerprint(text)
    statement = select(api_tokens.c.tenant_id).where(by_hash)  # across tenants: by the finder role
    found: UUID | None = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else TenantId(found)


async def find_api_token_by_text(tx: Tx, text: str) -> ApiToken | None:
    return await _find(tx, api_tokens.c.token_hash == fingerprint(text))


async def find_api_token(tx: Tx, token: TokenId, *, lock: bool = False) -> ApiToken | None:
    return await _find(tx, api_tokens.c.token_id == token, lock=lock)


async def list_api_tokens(tx: Tx, user: UserId | None, *, before: UUID | None, limit: int) -> Sequence[ApiToken]:
    """Those that were not revoked, of one member or (None) of all; the newest first."""
    statement = tx.select(api_tokens).where(api_tokens.c.revoked_at.is_(None))
    if user is not None:
        statement = statement.where(api_tokens.c.user_id == user)
    if before is not None:
        statement = statement.where(api_tokens.c.token_id < before)
    rows = await tx.execute(statement.order_by(api_tokens.c.token_id.desc()).limit(limit))
    return [_token(row) for row in rows]


async def lock_usable_api_tokens(tx: Tx, user: UserId | None, *, now: datetime) -> Sequence[ApiToken]:
    """All that can still be exchanged, of one member or (None) of all."""
    living = api_tokens.c.expires_at.is_(None) | (api_tokens.c.expires_at > now)
    statement = tx.select(api_tokens).where(api_tokens.c.revoked_at.is_(None), living)
    if user is not None:
        statement = statement.where(api_tokens.c.user_id == user)
    rows = await tx.execute(statement.order_by(api_tokens.c.token_id).with_for_update())
    return [_token(row) for row in rows]


async def count_usable_api_tokens(tx: Tx, user: UserId, *, now: datetime) -> int:
    living = api_tokens.c.expires_at.is_(None) | (api_tokens.c.expires_at > now)
    mine = (api_tokens.c.user_id == user, api_tokens.c.revoked_at.is_(None), living)
    return int((await tx.execute(tx.select(api_tokens, func.count()).where(*mine))).scalar_one())


async def add_api_token(tx: Tx, token: ApiToken, text: str) -> None:
    values = {
        "token_id": token.token,
        "user_id": token.user,
        "name": token.name,
        "hint": token.hint,
        "token_hash": fingerprint(text),
        "scopes": sorted(token.scopes),
        "created_at": token.created,
        "expires_at": token.expires,
    }
    await tx.execute(tx.insert(api_tokens).values(**values))


async def update_api_token(tx: Tx, token: TokenId, **values: Any) -> None:
    await tx.execute(tx.update(api_tokens).where(api_tokens.c.token_id == token).values(**values))


async def purge_api_tokens(tx: Tx, *, now: datetime, keep: timedelta) -> int:
    """Forgets what ended long ago."""
    over = (api_tokens.c.revoked_at < now - keep) | (api_tokens.c.expires_at < now - keep)
    return await tx.affected(tx.delete(api_tokens).where(over))


async def _find(tx: Tx, condition: ColumnElement[bool], *, lock: bool = False) -> ApiToken | None:
    statement = tx.select(api_tokens).where(condition)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _token(row)


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        tenant=TenantId(row.tenant_id),
        token=TokenId(row.token_id),
        user=UserId(row.user_id),
        name=row.name,
        hint=row.hint,
        scopes=frozenset(row.scopes),
        created=row.created_at,
        expires=row.expires_at,
        last_used=row.last_used_at,
        revoked=row.revoked_at,
        replaced_by=None if row.replaced_by is None else TokenId(row.replaced_by),
    )
