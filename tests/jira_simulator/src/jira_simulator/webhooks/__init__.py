"""Registration, bodies and signed delivery of webhooks."""
