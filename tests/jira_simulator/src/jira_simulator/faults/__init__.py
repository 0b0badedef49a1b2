"""Faults on demand: slow, wrong or broken answers and unreliable webhooks, repeatable by seed."""
