"""The doors of auth: HTTP in, one use case each, HTTP out."""
