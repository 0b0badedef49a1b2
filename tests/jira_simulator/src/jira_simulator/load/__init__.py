"""Data from files: real issues and the JQL fixture."""
