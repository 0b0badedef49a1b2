"""Lean reads of the mirror."""
