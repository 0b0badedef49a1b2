"""Tokens for machines, and their exchange for access tokens."""
