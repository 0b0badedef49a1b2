"""The actions of a session are done: lines queued, tokens checked, channels joined and left, alarms set."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from common.errors import AppError, ErrorKind
from common.web.tokens import TokenVerifier
from notifier import metrics
from notifier.app import App
from notifier.domain import codes, lines
from notifier.domain.channels import Target
from notifier.domain.client import Client
from notifier.domain.commands import Refresh, Subscribe
from notifier.domain.publication import Viewer
from notifier.domain.session import Action, Find, Verify
from notifier.usecases.act_now import carry_out_now
from notifier.usecases.admit_viewer import admit_viewer
from notifier.usecases.find_target import find_target
from notifier.usecases.look_again import look_at

log = structlog.get_logger(__name__)


async def carry_out(actions: Sequence[Action], client: Client, verifier: TokenVerifier, app: App) -> None:
    """Does what a session asked for, in order; a command is finished before the next one is taken."""
    for action in actions:
        if isinstance(action, Verify):
            outcome = await admit_viewer(action.token, verifier, app)
            if isinstance(outcome, Viewer) and not client.is_open_to(outcome.tenant):
                outcome = codes.PERMISSION_DENIED
            if isinstance(outcome, Viewer) and not app.connections.count_for(client, outcome.tenant):
                outcome = codes.CONNECTION_LIMIT
            now = datetime.fromtimestamp(app.clock(), UTC)
            carry_out_now(client.session.verified(action.command, outcome, now), client, app)
            if isinstance(action.command, Refresh):
                await look_at([client], app)
        elif isinstance(action, Find):
            await _subscribe(action, client, app)
        else:
            carry_out_now([action], client, app)


async def _subscribe(action: Find, client: Client, app: App) -> None:
    viewer = client.viewer
    if viewer is None:
        return
    try:
        target, sight = await find_target(action.name, viewer, app)
    except AppError as error:
        if error.kind not in {ErrorKind.UNAVAILABLE, ErrorKind.UPSTREAM_BUSY}:
            raise
        log.warning("channel_not_looked_up", code=error.code)
        client.answer(lines.failure(action.command.id, codes.INTERNAL))
        return
    if target is None:
        client.answer(lines.failure(action.command.id, codes.PERMISSION_DENIED))
    elif client.ending is None:
        client.session.granted(sight, ())
        _join(action.command, target, client, client.viewer or viewer, app)


def _join(command: Subscribe, target: Target, client: Client, viewer: Viewer, app: App) -> None:
    """Recovers and joins without a pause between, so that nothing falls between history and live."""
    history = app.lines[target.feed].history
    position = history.position
    missed = None
    if command.since is not None:
        missed = history.recover(target, command.since)
        metrics.RECOVERIES.labels("impossible" if missed is None else "whole").inc()
        if missed is None and command.reject_unrecovered:
            client.answer(lines.failure(command.id, codes.UNRECOVERABLE_POSITION))
            return
        if missed is not None:
            position = position._replace(offset=max(position.offset, command.since.offset))
    heard = None if missed is None else [(kept.offset, viewer.hears(kept.publication)) for kept in missed]
    publications = None if heard is None else [(offset, data) for offset, data in heard if data is not None]
    client.session.subscribed(command.channel, target)
    client.answer(
        lines.subscribed(command.id, position, recovering=command.since is not None, publications=publications)
    )
    app.audience.join(target, client, command.channel, position.offset)
    metrics.SUBSCRIPTIONS.labels(target.kind.value).inc()
