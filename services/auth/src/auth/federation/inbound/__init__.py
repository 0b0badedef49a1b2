"""HTTP doors of sign-in by other identity providers."""
