"""The notifier's channel catalogue in; the channels of a tenant's things out, and like ones that never were."""

from collections.abc import Callable

from notifier.domain.channels import Kind
from surface.things import Things, never_like

#: By kind: the channels by which a tenant's things are heard.
CHANNELS: dict[Kind, Callable[[Things], list[str]]] = {
    Kind.TENANT: lambda things: [f"tenant:{things.tenant.id}"],
    Kind.CONNECTION: lambda things: [f"connection:{things.tenant.connection}"],
    Kind.PROJECT: lambda things: [f"project:{things.tenant.connection}:{things.issue['project']['key']}"],
    Kind.ISSUE: lambda things: [f"issue:{things.issue['id']}"],
    Kind.EXPORT: lambda things: [f"export:{export}" for export in things.of("export")],
    Kind.USER: lambda things: [f"user:{user}" for user in things.of("user")],
}


def untaught() -> list[str]:
    """Kinds of channels that these tests would not try."""
    return [f"teach me the channel kind `{kind}` (tests/e2e/surface/channels.py)" for kind in set(Kind) - set(CHANNELS)]


def channels(things: Things) -> list[str]:
    """Every channel that is about one of these things."""
    return [channel for kind in Kind for channel in CHANNELS[kind](things)]


def never_channel(channel: str) -> str:
    """Of the same form, about nothing that ever was."""
    kind, ident, *rest = channel.split(":")
    return ":".join([kind, never_like(ident), *rest])
