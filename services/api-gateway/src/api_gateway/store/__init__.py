"""Reads of Postgres that only the gateway needs."""
