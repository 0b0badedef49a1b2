"""Mirrors Jira into Postgres and publishes what changed."""
