"""What is done to delete a tenant."""
