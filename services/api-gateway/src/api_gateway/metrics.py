"""The gateway's own metrics."""

from prometheus_client import Counter, Gauge

#: Rendered bodies by where they came from: cache, rendered.
BODIES = Counter("gateway_bodies_total", "Bodies of issues and comments shown", ["source"])
#: Times that the cache did not answer in time, so that everything is rendered for a while.
CACHE_FAILURES = Counter("gateway_cache_failures_total", "Failures of the body cache")
#: Requests passed on to the service that owns the data, by what became of them: answered, away, broken.
FORWARDED = Counter("gateway_forwarded_total", "Requests passed on", ["peer", "outcome"])
#: Entries that the gateway made for the audit log, by what became of them: kept, lost (more came than there was room).
AUDIT_OWN = Counter("gateway_audit_entries_total", "Audit entries of the gateway itself", ["outcome"])
#: Requests that the gate refused, by the limit they met: token, user, tenant, address, concurrency, overload.
LIMITED = Counter("gateway_limited_total", "Requests refused by a limit", ["limit"])
#: Requests by where they were counted: redis, or local while Redis is away or slow.
LIMITS_COUNTED = Counter("gateway_limits_counted_total", "Requests counted against the limits", ["where"])
#: Places held now, by lane: own, forwarded, stream.
HELD_PLACES = Gauge("gateway_held_places", "Requests that hold a place", ["lane"])
