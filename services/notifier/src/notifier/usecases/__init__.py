"""What the notifier does with a command or an event."""
