"""HTTP towards addresses that somebody typed."""
