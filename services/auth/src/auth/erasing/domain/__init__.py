"""Rules of deleting a tenant."""
