"""A second passes: clients that asked for it are pinged, or closed for silence, age or the end of their token."""

from datetime import UTC, datetime

from notifier.app import App
from notifier.usecases.act_now import carry_out_now


def wake_clients(app: App) -> None:
    """Turns the wheel by one second."""
    now = datetime.fromtimestamp(app.clock(), UTC)
    for client, alarm in app.wheel.turn():
        client.look_at_age()
        carry_out_now(client.session.woken(alarm, now), client, app)
