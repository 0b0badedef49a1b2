"""The Jira client: Cloud and Data Center behind one interface."""
