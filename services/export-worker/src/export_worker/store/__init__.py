"""Schema exports in Postgres, and what is read of the mirror."""
