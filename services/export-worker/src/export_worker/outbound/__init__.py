"""What the service reaches: object storage, jira-sync, the PDF renderer."""
