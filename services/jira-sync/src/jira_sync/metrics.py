"""Every metric of jira-sync; labels come from closed sets, never from tenants or issue keys."""

from prometheus_client import Counter, Gauge, Histogram

#: Calls to Jira by what came back; `none` means no answer.
JIRA_REQUESTS = Counter("jira_requests_total", "Calls to Jira", ["method", "status"])
#: Waits before a call was repeated, by the reason.
JIRA_WAITS = Counter("jira_waits_total", "Waits before a repeated call to Jira", ["reason"])
#: Deliveries of webhooks: accepted, repeated, unsigned, unknown, too_large.
WEBHOOKS = Counter("jira_webhooks_total", "Webhook deliveries by outcome", ["outcome"])
#: From receiving a delivery to the commit of what it announced, in seconds.
WEBHOOK_SECONDS = Histogram(
    "jira_webhook_seconds",
    "From receiving a webhook to the commit of what it announced",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60),
)
#: Observations of issues by what became of them.
STORED = Counter("jira_issues_stored_total", "Observed issues by verdict", ["verdict"])
#: Deliveries given up.
DEAD_WEBHOOKS = Counter("jira_webhooks_dead_total", "Webhook deliveries that were given up")
#: Connections that this node works for.
CONNECTIONS = Gauge("jira_connections_held", "Connections that this node works for")
#: Changes that a poll found before any webhook told of them.
FOUND_BY_POLL = Counter("jira_changes_found_by_poll_total", "Changes that no webhook had announced")
