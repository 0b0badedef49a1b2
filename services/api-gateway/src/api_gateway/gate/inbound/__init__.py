"""The middleware that every request of a client passes."""
