"""What sign-in by other identity providers does."""
