"""The job that deletes tenants: every service erases a portion at a time, then auth its own part and the tenant.

It may be stopped between any two statements: what is done is done, the rest is found again from what is left.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import structlog

from auth.app import FINDER, App
from auth.domain.platform import PLATFORM
from auth.erasing.domain.deletion import OWN, Claimed, Left, others_are_done
from auth.erasing.store import deletions as store
from auth.erasing.usecases.ask_deletion import silence
from auth.store.tables import erased_tenants
from auth.usecases.auditing import SYSTEM, audit
from common.db.erasing import count_left, erase_portion
from common.db.roles import SERVICE_ROLES
from common.ids import TenantId, public_id

log = structlog.get_logger(__name__)

_LOGIN = SERVICE_ROLES["auth"]
#: Longer than a round takes; a process that dies in one is followed by another after this.
_LEASE = timedelta(minutes=3)
_SOON = timedelta(milliseconds=200)
#: Members go last, because by them the people are found who belong nowhere else.
_MEMBERS = "auth.memberships"
_PEOPLE_AT_ONCE = 100


async def erase_tenants(app: App) -> int:
    """One round for every tenant that waits; how many are gone now."""
    gone = 0
    while True:
        async with app.db.uow(PLATFORM) as tx:
            claimed = await store.claim_deletion(tx, _LEASE)
        if claimed is None:
            return gone
        gone += await erase_round(app, claimed)


async def erase_round(app: App, claimed: Claimed) -> bool:
    """True when the tenant is gone."""
    tenant, settings = claimed.tenant, app.settings.erasing
    if claimed.deletion.left is None:
        await silence(app, tenant)  # asking did it already, unless that was interrupted
    names = app.erasers.names
    answers = dict(zip(names, await asyncio.gather(*(app.erasers.erase(name, tenant) for name in names)), strict=True))
    now = app.clock()
    last = others_are_done(answers, claimed.deletion.asked_at, now, settings.settle)
    own = await _erase_own(app, tenant) if last else await count_left(app.db, _LOGIN, tenant)
    if last and not own:
        await _finish(app, claimed)
        return True
    await _save(app, claimed, {**answers, OWN: own})
    return False


async def _save(app: App, claimed: Claimed, answers: Mapping[str, Left | None]) -> None:
    deletion = claimed.deletion.heard(answers, app.clock())
    moving = deletion.number_left < claimed.deletion.number_left or claimed.deletion.left is None
    pause = min(_SOON, app.settings.erasing.check_every) if moving else app.settings.erasing.check_every
    async with app.db.uow(PLATFORM) as tx:
        await store.save_deletion(tx, claimed.tenant, deletion, pause)


async def _erase_own(app: App, tenant: TenantId) -> Left:
    left = await erase_portion(app.db, _LOGIN, tenant, tombstones=erased_tenants, keep=(_MEMBERS,))
    if left:
        return left
    app.tenant_sealer.forget(tenant)
    while True:
        async with app.db.uow(tenant) as tx:
            people = await store.list_people(tx, _PEOPLE_AT_ONCE)
        if not people:
            return await count_left(app.db, _LOGIN, tenant)
        async with app.db.uow_for_all_tenants("erasing finds people who belong to no other tenant", role=FINDER) as tx:
            elsewhere = await store.find_elsewhere(tx, people, tenant)
        for person in people:
            await _remove_person(app, tenant, person, wholly=person not in elsewhere)


async def _remove_person(app: App, tenant: TenantId, person: UUID, *, wholly: bool) -> None:
    try:
        async with app.db.uow(tenant) as tx:
            await store.remove_person(tx, person, wholly=wholly)
    except store.NamedElsewhere:
        # He became a member of another tenant meanwhile, or was one.
        async with app.db.uow(tenant) as tx:
            await store.remove_person(tx, person, wholly=False)


async def _finish(app: App, claimed: Claimed) -> None:
    now, tenant = app.clock(), public_id("ten", claimed.tenant)
    details = {"slug": claimed.slug, "asked_by": claimed.deletion.asked_by or "", "things": str(claimed.deletion.most)}
    async with app.db.uow(PLATFORM) as tx:
        if await store.drop_tenant(tx, claimed.tenant):
            await audit(tx, "tenant.deleted", by=SYSTEM, at=now, target=("tenant", tenant), details=details)
    log.info("tenant_deleted", erased=tenant)
