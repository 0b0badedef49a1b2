"""The HTTP door: REST API, JWT, filters, search, details."""
