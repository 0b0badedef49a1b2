"""The gateway's own metrics."""

from prometheus_client import Counter

#: Rendered bodies by where they came from: cache, rendered.
BODIES = Counter("gateway_bodies_total", "Bodies of issues and comments shown", ["source"])
#: Times that the cache did not answer in time, so that everything is rendered for a while.
CACHE_FAILURES = Counter("gateway_cache_failures_total", "Failures of the body cache")
#: Requests passed on to the service that owns the data, by what became of them: answered, away, broken.
FORWARDED = Counter("gateway_forwarded_total", "Requests passed on", ["peer", "outcome"])
#: Entries that the gateway made for the audit log, by what became of them: kept, lost (more came than there was room).
AUDIT_OWN = Counter("gateway_audit_entries_total", "Audit entries of the gateway itself", ["outcome"])
