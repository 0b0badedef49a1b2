"""Redis, as the one place where all nodes count."""
