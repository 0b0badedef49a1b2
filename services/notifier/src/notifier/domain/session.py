"""One connection as a state machine: commands, verdicts and seconds go in, actions for the socket come out."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from notifier.domain import codes, lines
from notifier.domain.channels import SCOPE_OF, ChannelName, Target, parse_channel
from notifier.domain.codes import Ending, Failure
from notifier.domain.commands import (
    Command,
    Connect,
    History,
    Pong,
    Refresh,
    Refused,
    SubRefresh,
    Subscribe,
    Unsubscribe,
)
from notifier.domain.lines import Line
from notifier.domain.publication import Viewer
from notifier.domain.sight import Sight

VERSION = "jira-export 1 (Centrifugo client protocol v2, JSON, a subset)"


class Alarm(StrEnum):
    """What a connection asked to be woken for."""

    CONNECT = "connect"
    PING = "ping"
    PONG = "pong"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Say:
    """Put a line into the client's queue."""

    line: Line


@dataclass(frozen=True)
class Close:
    """End the connection."""

    ending: Ending


@dataclass(frozen=True)
class Verify:
    """Check a token, then tell `verified`."""

    command: Connect | Refresh
    token: str


@dataclass(frozen=True)
class Find:
    """Look up what a channel name means to this viewer, then subscribe or tell the failure."""

    command: Subscribe
    name: ChannelName


@dataclass(frozen=True)
class Leave:
    """Take the client out of a channel's audience."""

    channel: str
    target: Target


@dataclass(frozen=True)
class TellPosition:
    """Answer a history command with where the feed of a target stands."""

    number: int
    target: Target


@dataclass(frozen=True)
class Wake:
    """Call `woken` after so many seconds."""

    alarm: Alarm
    seconds: int


Action = Say | Close | Verify | Find | Leave | TellPosition | Wake


@dataclass(frozen=True)
class Rules:
    """Times and limits of a connection, in whole seconds."""

    ping: int = 25
    pong: int = 8
    connect: int = 10
    grace: int = 25
    channels: int = 128


class Session:
    """Knows the protocol and nothing of sockets; every method returns what has to be done, in order."""

    def __init__(self, client: str, rules: Rules, *, header_token: str = "") -> None:
        self.client = client
        self.viewer: Viewer | None = None
        self.channels: dict[str, Target] = {}
        self.closed = False
        self._rules = rules
        self._header_token = header_token
        self._connecting = False
        self._heard = True

    def opened(self) -> list[Action]:
        """The socket is there; the first command has to come soon."""
        return [Wake(Alarm.CONNECT, self._rules.connect)]

    def close(self, ending: Ending) -> list[Action]:
        """Ends the session once."""
        if self.closed:
            return []
        self.closed = True
        return [Close(ending)]

    def on_command(self, command: Command) -> list[Action]:
        """One command of the client."""
        self._heard = True
        if self.closed or isinstance(command, Pong):
            return []
        if isinstance(command, Connect):
            return self._connect(command)
        if self.viewer is None:
            return self.close(codes.MALFORMED)
        match command:
            case Refresh():
                return [Verify(command, command.token)] if command.token else self.close(codes.INVALID_TOKEN)
            case Subscribe():
                return self._subscribe(command, self.viewer)
            case Unsubscribe():
                return self._unsubscribe(command)
            case SubRefresh():
                known = command.channel in self.channels
                return [_fail(command.id, codes.BAD_REQUEST if known else codes.PERMISSION_DENIED)]
            case History():
                return self._history(command)
            case Refused():
                return self._refuse(command)
            case _:
                return [_fail(command.id, codes.METHOD_NOT_FOUND)]

    def verified(self, command: Connect | Refresh, outcome: Viewer | Failure | Ending, now: datetime) -> list[Action]:
        """What became of a token."""
        if self.closed:
            return []
        if isinstance(outcome, Ending):
            return self.close(outcome)
        if isinstance(outcome, Viewer) and outcome.expires_at <= now:
            outcome = codes.TOKEN_EXPIRED
        if isinstance(outcome, Failure):
            self._connecting = self._connecting and not isinstance(command, Connect)
            return [_fail(command.id, outcome)]
        ttl = max(1, int((outcome.expires_at - now).total_seconds()))
        body: dict[str, Any] = {"client": self.client, "version": VERSION, "expires": True, "ttl": ttl}
        if isinstance(command, Connect):
            self.viewer = outcome
            body |= {"ping": self._rules.ping, "pong": True}
            ping = Wake(Alarm.PING, self._rules.ping)
            return [Say(lines.reply(command.id, "connect", body)), *self._near_end(now), ping]
        if self.viewer is None or (outcome.user, outcome.tenant) != (self.viewer.user, self.viewer.tenant):
            return self.close(codes.INVALID_TOKEN)
        self.viewer = outcome
        reply = Say(lines.reply(command.id, "refresh", body))
        return [reply, *self._near_end(now), *self._drop_out_of_scope(outcome)]

    def subscribed(self, channel: str, target: Target) -> None:
        """The client is in a channel now."""
        self.channels[channel] = target

    def granted(self, sight: Sight, denied: Collection[Target]) -> list[Action]:
        """What the viewer sees now; the channels of denied targets end for good."""
        if self.viewer is None or self.closed:
            return []
        self.viewer = replace(self.viewer, sight=sight)
        return self._drop(lambda target: target in denied)

    def woken(self, alarm: Alarm, now: datetime) -> list[Action]:
        """An alarm that was asked for went off."""
        if self.closed:
            return []
        if alarm is Alarm.CONNECT:
            return self.close(codes.STALE) if self.viewer is None else []
        if alarm is Alarm.EXPIRY:
            return self._expired(now)
        if alarm is Alarm.PONG:
            return [] if self._heard else self.close(codes.NO_PONG)
        self._heard = False
        pong, ping = Wake(Alarm.PONG, self._rules.pong), Wake(Alarm.PING, self._rules.ping)
        return [Say(lines.PING), pong, ping, *self._near_end(now)]

    def _connect(self, command: Connect) -> list[Action]:
        if self._connecting or self.viewer is not None:
            return self.close(codes.MALFORMED)
        token = command.token or self._header_token
        if not token:
            return [_fail(command.id, codes.UNAUTHORIZED)]
        self._connecting = True
        return [Verify(command, token)]

    def _subscribe(self, command: Subscribe, viewer: Viewer) -> list[Action]:
        if command.channel in self.channels:
            return [_fail(command.id, codes.ALREADY_SUBSCRIBED)]
        name = parse_channel(command.channel)
        if name is None:
            return [_fail(command.id, codes.UNKNOWN_CHANNEL)]
        if len(self.channels) >= self._rules.channels:
            return [_fail(command.id, codes.LIMIT_EXCEEDED)]
        scope = SCOPE_OF[name.kind]
        if scope is not None and scope not in viewer.scopes:
            return [_fail(command.id, codes.PERMISSION_DENIED)]
        # To leave a filter out would deliver what the client did not ask for.
        return [_fail(command.id, codes.NOT_AVAILABLE)] if command.filtered else [Find(command, name)]

    def _unsubscribe(self, command: Unsubscribe) -> list[Action]:
        done = Say(lines.reply(command.id, "unsubscribe", {}))
        target = self.channels.pop(command.channel, None)
        return [done] if target is None else [Leave(command.channel, target), done]

    def _history(self, command: History) -> list[Action]:
        target = self.channels.get(command.channel)
        if target is None:
            return [_fail(command.id, codes.PERMISSION_DENIED)]
        if command.limit != 0:
            return [_fail(command.id, codes.NOT_AVAILABLE)]
        return [TellPosition(command.id, target)]

    def _refuse(self, command: Refused) -> list[Action]:
        if command.id == 0:
            return self.close(codes.MALFORMED)
        if command.method == "publish":
            return [_fail(command.id, codes.PERMISSION_DENIED)]
        named = command.method == "rpc" and command.named
        return [_fail(command.id, codes.METHOD_NOT_FOUND if named else codes.NOT_AVAILABLE)]

    def _drop_out_of_scope(self, viewer: Viewer) -> list[Action]:
        return self._drop(lambda target: SCOPE_OF[target.kind] not in {None, *viewer.scopes})

    def _drop(self, is_over: Callable[[Target], bool]) -> list[Action]:
        dropped: list[Action] = []
        for channel, target in list(self.channels.items()):
            if is_over(target):
                del self.channels[channel]
                dropped.append(Leave(channel, target))
                dropped.append(Say(lines.unsubscribed(channel, codes.UNSUBSCRIBED_BY_SERVER)))
        return dropped

    def _near_end(self, now: datetime) -> list[Action]:
        """An alarm for the token's end, set only when it comes before the next ping: the wheel keeps nobody long."""
        if self.viewer is None:
            return []
        left = (self.viewer.expires_at - now).total_seconds() + self._rules.grace
        return [Wake(Alarm.EXPIRY, max(1, math.ceil(left)))] if left <= self._rules.ping + 1 else []

    def _expired(self, now: datetime) -> list[Action]:
        """An alarm of an older token finds that a refresh came in between."""
        if self.viewer is None or (now - self.viewer.expires_at).total_seconds() < self._rules.grace - 1:
            return []
        return self.close(codes.EXPIRED)


def _fail(number: int, error: Failure) -> Say:
    return Say(lines.failure(number, error))
