"""Everything that comes into jira-sync by HTTP."""

from jira_sync.inbound import attachments, connections, grants, webhooks

ROUTERS = (connections.router, grants.router, webhooks.router, attachments.router)
