"""Deterministic data of our own: people, projects, texts, files and histories from one seed."""
