"""The end of a tenant: every row, object, cache entry and secret, in all services."""
