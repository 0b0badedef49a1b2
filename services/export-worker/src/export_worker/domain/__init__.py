"""The rules of exports: pure functions and frozen data."""
