"""The metrics that every service has; labels come from closed sets, never from tenants or issue keys."""

from prometheus_client import Counter, Gauge, Histogram

#: HTTP requests by route template (never the raw path), method and status.
HTTP_REQUESTS = Counter("http_requests_total", "HTTP requests", ["service", "route", "method", "status"])
#: How long they took, in seconds.
HTTP_SECONDS = Histogram(
    "http_request_seconds",
    "Duration of HTTP requests",
    ["service", "route", "method"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
#: Transactions that see rows of all tenants, by why they were opened.
ACROSS_TENANTS_OPENED = Counter("across_tenants_opened_total", "Looks across tenants", ["service", "reason"])
#: 1 in the node whose relay orders the feed.
RELAY_LEADER = Gauge("relay_leader", "Whether this node's relay holds the lease", ["feed"])
#: Events published by this node.
RELAY_PUBLISHED = Counter("relay_published_total", "Events published to Kafka", ["feed"])
#: Events of the batch in hand that wait for Kafka.
RELAY_UNPUBLISHED = Gauge("relay_unpublished", "Events that wait to be published", ["feed"])
#: Messages consumed, by what became of them: done, repeated, retried, dead.
CONSUMED = Counter("kafka_messages_total", "Kafka messages by outcome", ["topic", "group", "outcome"])
#: How long a handler took, in seconds, retries included.
CONSUME_SECONDS = Histogram("kafka_handler_seconds", "Duration of handlers", ["topic", "group"])
#: How far a group is behind the end of a partition.
CONSUMER_LAG = Gauge("kafka_consumer_lag", "Messages that wait in a partition", ["topic", "group", "partition"])
#: 1 when a consumer stopped itself because everything failed.
CONSUMER_HALTED = Gauge("kafka_consumer_halted", "Whether a consumer stopped itself", ["topic", "group"])
#: Messages that a broadcast reader could not read and left out.
BROADCAST_DROPPED = Counter("kafka_broadcast_dropped_total", "Unreadable messages left out", ["topic"])
