"""What a tenant's admins set: validated, versioned, readable by the other services."""
