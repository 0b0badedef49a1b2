"""`python -m notifier` runs the service."""

from notifier.main import run

run()
