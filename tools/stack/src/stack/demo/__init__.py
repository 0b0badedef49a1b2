"""The demo: its connections, and the main job step by step through the public API."""
