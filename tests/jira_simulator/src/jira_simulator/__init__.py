"""A strict stand-in for Jira Cloud and Jira Data Center."""
