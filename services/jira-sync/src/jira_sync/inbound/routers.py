"""Everything that comes into jira-sync by HTTP."""

from jira_sync.inbound import attachments, connections, erasing, grants, webhooks

ROUTERS = (connections.router, grants.router, webhooks.router, attachments.router, erasing.router)
