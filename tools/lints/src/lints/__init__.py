"""The project's own checks: SQL at home, no network in a unit of work, sizes, generated docs."""
