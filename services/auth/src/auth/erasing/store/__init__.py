"""Rows of deleting a tenant."""
