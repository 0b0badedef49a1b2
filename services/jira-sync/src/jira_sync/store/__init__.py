"""All SQL of jira-sync: the mirror, its feed, and the private tables behind it."""
