"""Everything that comes into jira-sync by HTTP."""

from jira_sync.inbound import attachments, connections, webhooks

ROUTERS = (connections.router, webhooks.router, attachments.router)
