"""A message of the bus comes in; frames for those who may hear it go out, or sockets are closed."""

from collections.abc import Iterable
from dataclasses import replace

from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.contracts.sync import GrantsChangedV1
from common.contracts.topics import Topic
from common.messaging.broadcast import Received
from notifier import metrics
from notifier.app import App
from notifier.domain import codes, lines
from notifier.domain.feed_line import Broken, Outcome
from notifier.usecases.make_publication import feed_of, make_message


def take_event(received: Received, app: App, *, foreign: bool = False) -> None:
    """Takes one message; before the node is warm it is only collected. What auth took back holds at once.

    A foreign one, about what its tenant does not own, only takes its place in the order.
    """
    feed = feed_of(received.topic)
    metrics.EVENTS.labels(feed.value).inc()
    if received.topic is Topic.ACCESS_EVENTS:
        _take_access_event(received, app)
        return
    if received.envelope.type == GrantsChangedV1.type:
        app.grants.note(received.envelope.tenantid)
    message = make_message(received)
    if message is None:
        return
    if foreign:
        metrics.FOREIGN.inc()
        message = replace(message, publication=None)
    line = app.lines[feed]
    if line.started:
        deliver(line.take(message, app.clock()), app)
    else:
        line.warm(message)


def start_lines(app: App) -> None:
    """Everything that stood in the topics is read: order it, and let clients in."""
    now = app.clock()
    for line in app.lines.values():
        line.start(now - app.settings.history_ttl.total_seconds(), now)


def let_time_pass(app: App) -> None:
    """What may go out because a gap has lasted too long; what is too old to be kept."""
    for feed, line in app.lines.items():
        if line.started:
            deliver(line.tick(app.clock()), app)
        metrics.HELD_BACK.labels(feed.value).set(line.held_back)
        metrics.HISTORY_BYTES.labels(feed.value).set(line.history.size[1])


def deliver(outcomes: Iterable[Outcome], app: App) -> None:
    """Tells publications; sends the listeners of a broken line to subscribe again."""
    for outcome in outcomes:
        if isinstance(outcome, Broken):
            _cut(outcome, app)
            continue
        metrics.DELIVERIES.inc(app.audience.tell(outcome))
        metrics.DELAY.labels(outcome.publication.feed.value).observe(max(0.0, app.clock() - outcome.at))


def _cut(broken: Broken, app: App) -> None:
    metrics.BROKEN.labels(broken.feed.value, broken.reason).inc()
    for target, subscription in app.audience.of_feed(broken.feed):
        app.audience.leave(target, subscription.listener, subscription.channel)
        subscription.listener.dropped(subscription.channel)
        metrics.SUBSCRIPTIONS.labels(target.kind.value).dec()
        subscription.listener.offer(lines.unsubscribed(subscription.channel, codes.INSUFFICIENT_STATE_SUBSCRIPTION))


def _take_access_event(received: Received, app: App) -> None:
    event = received.envelope.event()
    if isinstance(event, SessionEndedV1):
        app.ended.note(received)
        for client in app.connections.of_session(received.envelope.tenantid, event.session_id):
            client.end(codes.INVALID_TOKEN)
    elif isinstance(event, MembershipChangedV1):
        tenant = received.envelope.tenantid
        app.ended.note(received)
        app.memberships.note(tenant, event.user_id, event.at)
        for client in app.connections.of_member(tenant, event.user_id):
            if client.viewer is not None and app.memberships.outdate(client.viewer):
                client.end(codes.STATE_INVALIDATED)
