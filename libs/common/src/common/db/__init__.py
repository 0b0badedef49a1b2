"""Postgres: units of work for writes, lean reads, the change feed, roles and migrations."""
