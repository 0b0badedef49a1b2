"""Tenants, as the platform operator sees them: made with their first owner, renamed, suspended, removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from auth.app import App
from auth.domain.accounts import Account, Tenant, TenantState
from auth.domain.errors import PasswordNeeded, SlugTaken
from auth.domain.passwords import check_new_password
from auth.domain.platform import PLATFORM
from auth.domain.roles import Role
from auth.store.accounts import find_account_by_email, get_or_add_account
from auth.store.sessions import of_everybody
from auth.store.tenants import add_tenant, find_tenant, list_tenants, update_tenant
from auth.usecases.answer_once import answer_once
from auth.usecases.end_sessions import end_and_tell
from auth.usecases.manage_members import join, new_account
from common.db.idempotency import IdempotentRequest, KeptAnswer
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, UserId, new_id


@dataclass(frozen=True, slots=True)
class FirstOwner:
    """An account that exists keeps its name and password; a new one needs a password."""

    email: str
    name: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new tenant and its owner."""

    tenant: Tenant
    owner: UserId


async def create_tenant(
    app: App,
    name: str,
    slug: str,
    owner: FirstOwner,
    request: IdempotentRequest | None,
    answer: Callable[[Made], KeptAnswer],
) -> KeptAnswer:
    account = None
    if owner.password is not None:
        check_new_password(owner.password, owner.email)
        account = await new_account(app, owner.email, owner.name, owner.password)
    tenant = _id_for(request)

    async def write(tx: Tx) -> KeptAnswer:
        return answer(await _make(tx, app, name, slug, owner.email, account))

    return await answer_once(app, tenant, request, write)


async def list_all_tenants(app: App, *, after: UUID | None, limit: int) -> Sequence[Tenant]:
    async with app.db.uow(PLATFORM) as tx:
        return await list_tenants(tx, after=after, limit=limit)


async def get_tenant(app: App, tenant: TenantId) -> Tenant:
    async with app.db.uow(PLATFORM) as tx:
        found = await find_tenant(tx, tenant)
    if found is None:
        raise NotFound
    return found


async def change_tenant(app: App, tenant: TenantId, values: dict[str, Any]) -> Tenant:
    """Suspending ends every session of the tenant in the same transaction."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        if await find_tenant(tx, tenant, lock=True) is None:
            raise NotFound
        if values:
            await update_tenant(tx, tenant, values, now=now)
        if values.get("state", TenantState.ACTIVE) != TenantState.ACTIVE:
            await end_and_tell(tx, of_everybody(), "deactivated", now=now)
        changed = await find_tenant(tx, tenant)
    if changed is None:
        raise NotFound
    return changed


async def remove_tenant(app: App, tenant: TenantId) -> None:
    """Nobody gets in any more; the row stays, so that id and slug are never given to somebody else."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        if await find_tenant(tx, tenant, lock=True) is None:
            raise NotFound
        await update_tenant(tx, tenant, {"state": TenantState.DELETING.value}, now=now)
        await end_and_tell(tx, of_everybody(), "removed", now=now)


async def _make(tx: Tx, app: App, name: str, slug: str, email: str, account: Account | None) -> Made:
    now = app.clock()
    person = await find_account_by_email(tx, email)
    if person is None:
        if account is None:
            raise PasswordNeeded
        person = await get_or_add_account(tx, account, now=now)
    if not await add_tenant(tx, tx.tenant, slug, name, now=now):
        raise SlugTaken
    await join(tx, person.user, Role.OWNER, now=now)
    made = await find_tenant(tx, tx.tenant)
    if made is None:
        raise NotFound
    return Made(made, person.user)


def _id_for(request: IdempotentRequest | None) -> TenantId:
    """The kept answer stands in the new tenant itself, so the same key has to lead to the same tenant."""
    return TenantId(new_id() if request is None else uuid5(request.user, request.key))
