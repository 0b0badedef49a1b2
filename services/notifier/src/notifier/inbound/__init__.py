"""Doors: sockets and the bus."""
