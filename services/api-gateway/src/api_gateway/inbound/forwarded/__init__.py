"""The public paths that other services own, by what they are about."""
