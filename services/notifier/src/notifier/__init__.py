"""Fans issue events out to WebSocket clients."""
