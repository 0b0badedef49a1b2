"""Keeps the ring of signing keys up to date: the schedule and the stored keys in, rotated keys out."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from auth.app import App
from auth.domain.platform import PLATFORM
from auth.domain.signing_keys import Create, KeyLife, KeyState, Promote, Remove, Retire, Schedule, Step, next_steps
from auth.outbound.signing import SigningKey, fresh_key, public_jwk, signing_key
from auth.store.signing_keys import (
    KeyRow,
    add_key,
    list_keys,
    lock_ring,
    promote_key,
    remove_key,
    reseal_key,
    retire_key,
)
from auth.usecases.auditing import SYSTEM, audit
from common.crypto import CannotUnseal, Sealer
from common.db.data_keys import Rewrapped
from common.db.database import Database
from common.db.unit_of_work import Tx
from common.errors import Unavailable

log = structlog.get_logger(__name__)


async def rotate_signing_keys(app: App, *, at_once: bool = False) -> Sequence[Step]:
    """Takes the steps that are due and reads the ring anew; safe from many instances at a time."""
    keys = app.settings.signing_keys
    schedule = Schedule(keys.signs_for, keys.shown_before, keys.shown_after)
    async with app.db.uow(PLATFORM) as tx:
        await lock_ring(tx)
        ring = await list_keys(tx)
        steps = next_steps([key.life for key in ring], app.clock(), schedule, at_once=at_once)
        for step in steps:
            await _take(tx, app, step)
        ring = await list_keys(tx) if steps else ring
    for step in steps:
        log.info("signing_key_step", step=type(step).__name__.lower(), kid=getattr(step, "kid", None))
    _read_into(app, ring)
    return steps


async def revoke_signing_key(app: App, kid: str) -> bool:
    """A leaked key vouches for nothing from now on; False when there is none of this name.

    What it signed is refused as soon as the verifiers have asked for the keys again, which they do every minute.
    """
    async with app.db.uow(PLATFORM) as tx:
        await lock_ring(tx)
        if kid not in {key.life.kid for key in await list_keys(tx)}:
            return False
        await remove_key(tx, kid)
        await _tell(tx, kid, "revoked", app.clock())
    await rotate_signing_keys(app)
    return True


async def list_signing_keys(app: App) -> Sequence[KeyLife]:
    async with app.db.uow(PLATFORM) as tx:
        return [key.life for key in await list_keys(tx)]


async def current_key(app: App) -> SigningKey:
    """The key that signs; read from the database when this process has not done so yet."""
    if app.ring.signing is None:
        await rotate_signing_keys(app)
    if app.ring.signing is None:
        raise Unavailable
    return app.ring.signing


async def rewrap_signing_keys(database: Database, master: Sealer) -> Rewrapped:
    """Seals the private halves under the active master key; those that it cannot open are left and counted."""
    done = Rewrapped()
    async with database.uow(PLATFORM) as tx:
        await lock_ring(tx)
        for key in await list_keys(tx):
            if key.private.key_id == master.active:
                continue
            owner = _owner(key.life.kid)
            try:
                private = master.unseal(key.private, owner=owner)
            except CannotUnseal:
                done += Rewrapped(left=1)
                continue
            await reseal_key(tx, key.life.kid, master.seal(private, owner=owner))
            done += Rewrapped(done=1)
    return done


async def _take(tx: Tx, app: App, step: Step) -> None:
    now = app.clock()
    match step:
        case Create(state):
            fresh = fresh_key()
            life = KeyLife(fresh.kid, now, now if state is KeyState.CURRENT else None)
            sealed = app.sealer.seal(fresh.private, owner=_owner(fresh.kid))
            await add_key(tx, KeyRow(life, fresh.public, sealed))
        case Promote(kid):
            await promote_key(tx, kid, now=now)
            await _tell(tx, kid, "promoted", now)
        case Retire(kid):
            await retire_key(tx, kid, now=now)
        case Remove(kid):
            await remove_key(tx, kid)


async def _tell(tx: Tx, kid: str, step: str, now: datetime) -> None:
    await audit(tx, "key.rotated", by=SYSTEM, at=now, target=("key", kid), details={"step": step})


def _read_into(app: App, ring: Sequence[KeyRow]) -> None:
    current = next(key for key in ring if key.life.state is KeyState.CURRENT)
    if app.ring.signing is None or app.ring.signing.kid != current.life.kid:
        private = app.sealer.unseal(current.private, owner=_owner(current.life.kid))
        signing = signing_key(current.life.kid, private)
    else:
        signing = app.ring.signing
    app.ring.replace(signing, [public_jwk(key.life.kid, key.public) for key in ring])


def _owner(kid: str) -> bytes:
    return f"auth.signing_keys:{kid}".encode()
