"""The rows of the audit log."""
