"""What comes in: routers and the shapes of requests."""
