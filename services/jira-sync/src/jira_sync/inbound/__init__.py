"""The doors of jira-sync."""
