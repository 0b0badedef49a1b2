"""What runs beside the sockets: the reader of the bus, the start once it has caught up, and the one timer."""

import asyncio

import structlog

from common.messaging.broadcast import Received
from notifier.app import App
from notifier.usecases.check_owner import is_foreign
from notifier.usecases.look_again import look_again
from notifier.usecases.take_event import let_time_pass, start_lines, take_event
from notifier.usecases.wake_clients import wake_clients

log = structlog.get_logger(__name__)

_TICKS_PER_SECOND = 5
_BETWEEN_PAUSES = 50


async def listen(app: App) -> None:
    """Takes every message of every partition, for ever."""
    taken = 0
    async for received in app.broadcast.messages():
        try:
            take_event(received, app, foreign=await _is_foreign(received, app))
        except Exception:
            # A message that nobody can use must not stop all others (architecture 2.2: broadcasts may drop).
            log.exception("event_not_taken", topic=received.topic.value, offset=received.offset)
        taken += 1
        if taken % _BETWEEN_PAUSES == 0:
            await asyncio.sleep(0)


async def _is_foreign(received: Received, app: App) -> bool:
    """What cannot be looked up is told to nobody."""
    try:
        return await is_foreign(received, app)
    except Exception:
        log.exception("owner_not_checked", topic=received.topic.value, offset=received.offset)
        return True


async def follow_grants(app: App) -> None:
    """Looks again at the viewers of each tenant whose grants changed."""
    while True:
        for tenant in sorted(await app.grants.taken()):
            try:
                await look_again(tenant, app)
            except Exception:
                log.exception("grants_not_followed", tenant=tenant)


async def keep_time(app: App) -> None:
    """Starts the lines when the past is read; then turns the wheel, making up for seconds that came late."""
    loop = asyncio.get_running_loop()
    started, ticks = loop.time(), 0
    while True:
        ticks += 1
        await asyncio.sleep(max(0.0, started + ticks / _TICKS_PER_SECOND - loop.time()))
        if not app.is_warm and app.broadcast.caught_up.is_set():
            start_lines(app)
            log.info("history_ready", publications=sum(line.history.size[0] for line in app.lines.values()))
        let_time_pass(app)
        if ticks % _TICKS_PER_SECOND == 0:
            wake_clients(app)
