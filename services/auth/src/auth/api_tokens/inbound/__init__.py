"""HTTP doors of API tokens."""
