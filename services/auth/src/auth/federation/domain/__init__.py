"""The rules of sign-in by other identity providers; pure."""
