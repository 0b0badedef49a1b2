"""Turns stored deliveries into fresh reads: many hints about an issue cost one fetch, a poisoned one blocks none."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import orjson
import structlog

from common.errors import AppError
from common.ids import public_id
from jira_sync.domain.hooks import Hint, hint_of
from jira_sync.domain.pacing import rest_of_delivery
from jira_sync.metrics import DEAD_WEBHOOKS, WEBHOOK_SECONDS
from jira_sync.outbound.jira.errors import JiraBusy, JiraUnreachable
from jira_sync.store.inbox import Delivery, finish_deliveries, forget_deliveries, list_waiting, postpone_delivery
from jira_sync.store.leases import LeaseLost
from jira_sync.usecases.session import Session
from jira_sync.usecases.store_fetched import refetch

log = structlog.get_logger(__name__)

_AT_ONCE = 200
_LOOK_EVERY = 5.0


async def work_off_webhooks(session: Session) -> None:
    """Runs as long as the session: works when it is woken, and looks by itself now and then."""
    woken = session.app.wakes.deliveries(session.connection.id)
    while True:
        woken.clear()
        while await _some(session):
            pass
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), _LOOK_EVERY)


async def _some(session: Session) -> bool:
    """One batch; whether there may be more."""
    app, connection = session.app, session.connection.id
    async with app.db.uow(session.tenant) as tx:
        deliveries = await list_waiting(tx, connection, now=app.clock(), limit=_AT_ONCE)
        if not deliveries:
            await forget_deliveries(tx, connection, now=app.clock(), keep=app.settings.webhooks_kept)
    if not deliveries:
        return False
    hints, unreadable = _hints(deliveries)
    if unreadable:
        await _bury(session, unreadable, "not a JSON object")
    if hints:
        await _follow(session, hints)
    return True


def _hints(deliveries: Sequence[Delivery]) -> tuple[list[tuple[Delivery, Hint]], list[Delivery]]:
    hints, unreadable = [], []
    for delivery in deliveries:
        try:
            body = orjson.loads(delivery.body)
            hints.append((delivery, hint_of(body)))
        except (orjson.JSONDecodeError, AttributeError, TypeError):
            unreadable.append(delivery)
    return hints, unreadable


async def _follow(session: Session, hints: Sequence[tuple[Delivery, Hint]]) -> None:
    """All at once; when that fails, one by one, so that the failing one is found."""
    deliveries = [delivery for delivery, _ in hints]
    try:
        await _fetch(session, hints)
    except (JiraBusy, JiraUnreachable) as error:
        await _postpone(session, deliveries, error)
    except LeaseLost:
        raise
    except AppError as error:
        if len(hints) == 1:
            await _postpone(session, deliveries, error)
            return
        for hint in hints:
            await _follow(session, [hint])
    else:
        await _finish(session, deliveries)


async def _fetch(session: Session, hints: Sequence[tuple[Delivery, Hint]]) -> None:
    ids = frozenset().union(*(hint.issues for _, hint in hints))
    if ids:
        await refetch(session, ids)
    if any(hint.catalogue for _, hint in hints):
        session.lists_wanted = True
        session.app.wakes.cycle(session.connection.id).set()


async def _finish(session: Session, deliveries: Sequence[Delivery]) -> None:
    now = session.app.clock()
    for delivery in deliveries:
        if not delivery.identifier.startswith("retry:"):
            WEBHOOK_SECONDS.observe((now - delivery.received_at).total_seconds())
    async with session.app.db.uow(session.tenant) as tx:
        await finish_deliveries(tx, session.connection.id, [delivery.identifier for delivery in deliveries])


async def _postpone(session: Session, deliveries: Sequence[Delivery], error: AppError) -> None:
    """Later again, and after enough attempts never; a Jira that is away is nobody's fault and counts no attempt."""
    most = session.app.settings.webhook_attempts
    away = isinstance(error, JiraBusy | JiraUnreachable)
    dead = [] if away else [delivery for delivery in deliveries if delivery.attempts + 1 >= most]
    if dead:
        await _bury(session, dead, f"{error.code}: {error}"[:500])
    gone = {delivery.identifier for delivery in dead}
    now = session.app.clock()
    async with session.app.db.uow(session.tenant) as tx:
        for delivery in deliveries:
            if delivery.identifier not in gone:
                until = now + rest_of_delivery(0 if away else delivery.attempts)
                attempts = delivery.attempts if away else delivery.attempts + 1
                await postpone_delivery(
                    tx, session.connection.id, delivery, attempts=attempts, until=until, reason=error.code
                )


async def _bury(session: Session, deliveries: Sequence[Delivery], reason: str) -> None:
    DEAD_WEBHOOKS.inc(len(deliveries))
    log.warning(
        "webhooks_given_up",
        connection=public_id("con", session.connection.id),
        deliveries=len(deliveries),
        reason=reason,
    )
    async with session.app.db.uow(session.tenant) as tx:
        identifiers = [delivery.identifier for delivery in deliveries]
        await finish_deliveries(tx, session.connection.id, identifiers, state="dead", reason=reason)
