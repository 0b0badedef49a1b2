"""Tenants, users, sessions and tokens."""
