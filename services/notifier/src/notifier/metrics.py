"""Every metric of the notifier; labels come from closed sets."""

from prometheus_client import Counter, Gauge, Histogram

#: Sockets that are open now.
CONNECTIONS = Gauge("notifier_connections", "Open sockets")
#: Subscriptions that are open now, by kind of channel.
SUBSCRIPTIONS = Gauge("notifier_subscriptions", "Open subscriptions", ["kind"])
#: Upgrades that were refused, by reason: origin, rate, full, warming.
REFUSED = Counter("notifier_upgrades_refused_total", "Refused upgrades", ["reason"])
#: Connections that we ended, by close code.
CLOSED = Counter("notifier_connections_closed_total", "Connections ended by the server", ["code"])
#: Recoveries by outcome: whole, impossible.
RECOVERIES = Counter("notifier_recoveries_total", "Recoveries by outcome", ["outcome"])
#: Events under the name of a tenant that does not have what they are about; told to nobody.
FOREIGN = Counter("notifier_foreign_events_total", "Events about what their tenant does not own")
#: Events taken from the bus, by feed.
EVENTS = Counter("notifier_events_total", "Events taken from the bus", ["feed"])
#: Publications handed to clients' queues.
DELIVERIES = Counter("notifier_deliveries_total", "Publications handed to clients")
#: From the broker's time of an event to the clients' queues, in seconds.
DELAY = Histogram(
    "notifier_event_delay_seconds",
    "From the broker to the clients' queues",
    ["feed"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
#: Messages that wait for an earlier position, by feed.
HELD_BACK = Gauge("notifier_held_back", "Messages that wait for an earlier position", ["feed"])
#: How often a feed's line was cut, by reason: epoch, lost.
BROKEN = Counter("notifier_feed_broken_total", "Feed lines that were cut", ["feed", "reason"])
#: What the history costs, by feed.
HISTORY_BYTES = Gauge("notifier_history_bytes", "Bytes of kept publications", ["feed"])
