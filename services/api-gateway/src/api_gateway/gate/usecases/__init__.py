"""What the gate does with a request."""
