"""A tenant's identity providers: rows of `auth.identity_providers`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func

from auth.domain.roles import Role
from auth.federation.domain.providers import Kind, Provider, Rules
from auth.federation.store.tables import identity_providers
from common.crypto import Sealed
from common.db.unit_of_work import Tx


async def list_providers(
    tx: Tx, *, enabled_only: bool = False, after: UUID | None = None, limit: int = 200
) -> Sequence[Provider]:
    """In the order in which they were made."""
    statement = tx.select(identity_providers)
    if enabled_only:
        statement = statement.where(identity_providers.c.enabled)
    if after is not None:
        statement = statement.where(identity_providers.c.provider_id > after)
    rows = await tx.execute(statement.order_by(identity_providers.c.provider_id).limit(limit))
    return [_provider(row) for row in rows]


async def find_provider(tx: Tx, provider: UUID, *, lock: bool = False) -> Provider | None:
    statement = tx.select(identity_providers).where(identity_providers.c.provider_id == provider)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _provider(row)


async def find_sealed_secret(tx: Tx, provider: UUID) -> Sealed | None:
    columns = (identity_providers.c.client_secret, identity_providers.c.secret_key_id)
    statement = tx.select(identity_providers, *columns).where(identity_providers.c.provider_id == provider)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None or row.client_secret is None else Sealed(row.secret_key_id, row.client_secret)


async def count_providers(tx: Tx) -> int:
    return int((await tx.execute(tx.select(identity_providers, func.count()))).scalar_one())


async def add_provider(tx: Tx, provider: UUID, values: Mapping[str, Any], *, now: datetime) -> None:
    row = {**values, "provider_id": provider, "created_at": now, "updated_at": now}
    await tx.execute(tx.insert(identity_providers).values(**row))


async def update_provider(tx: Tx, provider: UUID, values: Mapping[str, Any], *, now: datetime) -> None:
    statement = tx.update(identity_providers).where(identity_providers.c.provider_id == provider)
    await tx.execute(statement.values(**values, updated_at=now))


async def remove_provider(tx: Tx, provider: UUID) -> None:
    await tx.execute(tx.delete(identity_providers).where(identity_providers.c.provider_id == provider))


def _provider(row: Row[Any]) -> Provider:
    rules = Rules(
        domains=frozenset(row.domains),
        domain_role=_role(row.domain_role),
        groups_claim=row.groups_claim,
        group_roles={group: Role(role) for group, role in row.group_roles.items()},
        site_role=_role(row.site_role),
    )
    return Provider(
        provider=row.provider_id,
        kind=Kind(row.kind),
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        scopes=tuple(row.scopes),
        enabled=row.enabled,
        rules=rules,
        secret_set=row.client_secret is not None,
        created=row.created_at,
        updated=row.updated_at,
    )


def _role(name: str | None) -> Role | None:
    return None if name is None else Role(name)
