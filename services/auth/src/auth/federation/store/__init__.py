"""SQL of sign-in by other identity providers."""
