"""SQL of API tokens."""
