"""SQL of the tenant's own settings and their versions."""
