"""What jira-sync does, one verb a file."""
