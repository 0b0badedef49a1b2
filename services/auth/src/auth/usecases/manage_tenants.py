"""Tenants, as the platform operator sees them: made with their first owner, renamed, suspended, removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from auth.accounts.usecases.invite import MailPermit, ask_permit, invite
from auth.api_tokens.usecases.revoke_api_tokens import silence_all
from auth.app import App
from auth.domain.accounts import Account, Tenant, TenantState
from auth.domain.errors import SlugTaken
from auth.domain.passwords import check_new_password
from auth.domain.platform import PLATFORM
from auth.domain.roles import Role
from auth.erasing.domain.deletion import Deletion
from auth.erasing.store.deletions import find_deletion
from auth.store.accounts import find_account_by_email, get_or_add_account
from auth.store.sessions import of_everybody
from auth.store.tables import erased_tenants
from auth.store.tenants import add_tenant, find_tenant, list_tenants, update_tenant
from auth.usecases.answer_once import answer_once
from auth.usecases.auditing import Doer, audit
from auth.usecases.end_sessions import end_and_tell
from auth.usecases.manage_members import join, new_account
from common.db.erased import refuse_erased
from common.db.idempotency import IdempotentRequest, KeptAnswer
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, UserId, new_id, public_id


@dataclass(frozen=True, slots=True)
class FirstOwner:
    """With a password only somebody new: whoever has an account, and who gets no password, is invited."""

    email: str
    name: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new tenant and its owner, or the invitation that went to him."""

    tenant: Tenant
    owner: UserId | None
    invitation: UUID | None


async def create_tenant(
    app: App,
    by: Doer,
    name: str,
    slug: str,
    owner: FirstOwner,
    request: IdempotentRequest | None,
    answer: Callable[[Made], KeptAnswer],
) -> KeptAnswer:
    account = None
    if owner.password is not None:
        check_new_password(owner.password, owner.email, owner.name or "", name, slug)
        account = await new_account(app, owner.email, owner.name, owner.password)
    tenant = _id_for(request)
    permit = await ask_permit(app, owner.email)

    async def write(tx: Tx) -> KeptAnswer:
        now = app.clock()
        await refuse_erased(tx, erased_tenants, tenant)
        if not await add_tenant(tx, tenant, slug, name, now=now):
            raise SlugTaken
        user, invitation = await _first_owner(tx, app, by, owner.email, account, permit)
        made = await find_tenant(tx, tenant)
        if made is None:
            raise NotFound
        target, details = ("tenant", public_id("ten", tenant)), {"slug": slug}
        await audit(tx, "tenant.created", by=by, at=now, target=target, details=details)
        return answer(Made(made, user, invitation))

    return await answer_once(app, tenant, request, write)


async def list_all_tenants(app: App, *, after: UUID | None, limit: int) -> Sequence[Tenant]:
    async with app.db.uow(PLATFORM) as tx:
        return await list_tenants(tx, after=after, limit=limit)


async def get_tenant(app: App, tenant: TenantId) -> tuple[Tenant, Deletion | None]:
    """With its deletion while that is under way."""
    async with app.db.uow(PLATFORM) as tx:
        found = await find_tenant(tx, tenant)
        going = None if found else await find_deletion(tx, tenant)
    if found is not None:
        return found, None
    if going is None:
        raise NotFound
    return going


async def change_tenant(app: App, by: Doer, tenant: TenantId, values: dict[str, Any]) -> Tenant:
    """Suspending ends every session of the tenant in the same transaction."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        if await find_tenant(tx, tenant, lock=True) is None:
            raise NotFound
        if values:
            await update_tenant(tx, tenant, values, now=now)
            details = {"changed": ", ".join(sorted(values)), "state": str(values.get("state", ""))}
            await audit(
                tx, "tenant.changed", by=by, at=now, target=("tenant", public_id("ten", tenant)), details=details
            )
        if values.get("state", TenantState.ACTIVE) != TenantState.ACTIVE:
            await end_and_tell(tx, of_everybody(), "deactivated", now=now)
            await silence_all(tx, "tenant_suspended", now=now)
        changed = await find_tenant(tx, tenant)
    if changed is None:
        raise NotFound
    return changed


async def _first_owner(
    tx: Tx, app: App, by: Doer, email: str, account: Account | None, permit: MailPermit
) -> tuple[UserId | None, UUID | None]:
    now = app.clock()
    if account is not None and await find_account_by_email(tx, email) is None:
        user = (await get_or_add_account(tx, account, now=now)).user
        if user == account.user:
            await join(tx, user, Role.OWNER, now=now)
            return user, None
    invitation = await invite(tx, app, by, email, Role.OWNER, permit=permit, now=now)
    return None, invitation.invitation


def _id_for(request: IdempotentRequest | None) -> TenantId:
    """The kept answer stands in the new tenant itself, so the same key has to lead to the same tenant."""
    return TenantId(new_id() if request is None else uuid5(request.user, request.key))
