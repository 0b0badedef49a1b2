"""Which of jira-sync's tables are seen across tenants, by which role, and why."""

from common.db.roles import AcrossTenants, finder

FINDER = finder("je_sync")
RELAY_ROLE = "je_sync_relay"

ACROSS_TENANTS = (
    AcrossTenants(FINDER, "jira.connections", "SELECT", "a webhook names only its connection; nodes share connections"),
    AcrossTenants(FINDER, "jira_private.sync_leases", "SELECT", "a node looks for connections that nobody works for"),
    AcrossTenants(FINDER, "jira_private.webhook_inbox", "SELECT", "a node looks for deliveries that wait"),
    AcrossTenants(FINDER, "jira_private.data_keys", "SELECT", "rewrapping finds data keys under an old master key"),
)
