"""What can be done with a tenant's settings, one use case a function."""
