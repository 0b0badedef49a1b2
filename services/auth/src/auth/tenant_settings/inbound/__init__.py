"""The doors of a tenant's settings."""
