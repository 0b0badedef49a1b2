"""Actions of a session that need no answer from elsewhere are done: lines queued, channels left, alarms set."""

from collections.abc import Sequence

from notifier import metrics
from notifier.app import App
from notifier.domain import lines
from notifier.domain.channels import Target
from notifier.domain.client import Client
from notifier.domain.session import Action, Close, Leave, Say, TellPosition, Wake


def carry_out_now(actions: Sequence[Action], client: Client, app: App) -> None:
    """The actions that need no answer from elsewhere."""
    for action in actions:
        match action:
            case Say(line):
                client.answer(line)
            case Close(ending):
                client.end(ending)
            case Wake(alarm, seconds):
                app.wheel.schedule((client, alarm), seconds)
            case Leave(channel, target):
                leave(client, channel, target, app)
            case TellPosition(number, target):
                position = app.lines[target.feed].history.position
                client.answer(lines.reply(number, "history", {"epoch": position.epoch, "offset": position.offset}))


def leave(client: Client, channel: str, target: Target, app: App) -> None:
    """Takes a client out of a channel."""
    app.audience.leave(target, client, channel)
    metrics.SUBSCRIPTIONS.labels(target.kind.value).dec()
