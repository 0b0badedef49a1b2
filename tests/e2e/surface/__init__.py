"""The public surface as the running system describes it, and people of made tenants who try it."""
