"""HTTP towards identity providers."""
