"""The project's own checks: rules that a reader would otherwise have to remember, and generated documents."""
