"""What jira-sync talks to outside: Jira, through one guard."""
