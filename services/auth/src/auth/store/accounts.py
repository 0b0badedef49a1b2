"""People: rows of `auth.users` and `auth.operators`, which belong to no tenant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.dialects import postgresql

from auth.domain.accounts import Account
from auth.store.tables import operators, users
from common.db.unit_of_work import AcrossTenantsTx
from common.ids import UserId


async def find_account_by_email(tx: AcrossTenantsTx, email: str) -> Account | None:
    return await _find(tx, users.c.email == email)


async def find_account(tx: AcrossTenantsTx, user: UserId) -> Account | None:
    return await _find(tx, users.c.user_id == user)


async def get_or_add_account(tx: AcrossTenantsTx, account: Account, *, now: datetime) -> Account:
    """The account of this address; one that is there already is left exactly as it is."""
    statement = postgresql.insert(users).values(  # no tenant: people belong to no tenant
        user_id=account.user,
        email=account.email,
        name=account.name,
        locale=account.locale,
        password_hash=account.password_hash,
        email_verified_at=now if account.email_verified else None,
        created_at=now,
        updated_at=now,
    )
    await tx.execute(statement.on_conflict_do_nothing(index_elements=[users.c.email]))
    found = await find_account_by_email(tx, account.email)
    if found is None:
        raise RuntimeError("an account is neither there nor could be added")
    return found


async def update_account(tx: AcrossTenantsTx, user: UserId, values: dict[str, Any], *, now: datetime) -> None:
    statement = update(users).where(users.c.user_id == user)  # no tenant: people belong to no tenant
    await tx.execute(statement.values(**values, updated_at=now))


async def replace_password_hash(tx: AcrossTenantsTx, user: UserId, before: str, after: str) -> None:
    """A rehash under newer costs; does nothing when the password was changed meanwhile."""
    statement = update(users).where(users.c.user_id == user, users.c.password_hash == before)  # no tenant: as above
    await tx.execute(statement.values(password_hash=after))


async def find_first_operator(tx: AcrossTenantsTx) -> UserId | None:
    statement = select(operators.c.user_id).order_by(operators.c.created_at).limit(1)  # no tenant: as above
    found: UUID | None = (await tx.execute(statement)).scalar()
    return None if found is None else UserId(found)


async def add_operator(tx: AcrossTenantsTx, user: UserId, *, now: datetime) -> None:
    statement = postgresql.insert(operators).values(user_id=user, created_at=now)  # no tenant: belong to no tenant
    await tx.execute(statement.on_conflict_do_nothing())


async def _find(tx: AcrossTenantsTx, condition: ColumnElement[bool]) -> Account | None:
    both = users.outerjoin(operators, operators.c.user_id == users.c.user_id)
    statement = select(users, operators.c.user_id.is_not(None).label("operator")).select_from(both)  # no tenant: people
    row = (await tx.execute(statement.where(condition))).one_or_none()
    return None if row is None else _account(row)


def _account(row: Row[Any]) -> Account:
    return Account(
        user=UserId(row.user_id),
        email=row.email,
        name=row.name,
        locale=row.locale,
        password_hash=row.password_hash,
        disabled=row.disabled_at is not None,
        operator=row.operator,
        email_verified=row.email_verified_at is not None,
    )
