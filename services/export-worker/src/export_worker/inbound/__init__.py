"""The doors: HTTP, Kafka, timers."""
