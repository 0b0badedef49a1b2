"""Logs, metrics and the ids that go through a request or message."""
