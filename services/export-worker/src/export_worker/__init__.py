"""Renders issues as PDF into object storage."""
