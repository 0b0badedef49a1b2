"""HTTP: the service factory, problem answers, health, callers, idempotency, serving."""
