"""The audit log: entries come in from all services, answers and exports go out."""
