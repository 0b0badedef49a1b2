"""The readable mirror of Jira: its tables, and the queries that several services share."""
