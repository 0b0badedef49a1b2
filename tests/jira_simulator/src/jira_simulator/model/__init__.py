"""The state of one Jira site: records, catalogue, issues and the search index over them."""
