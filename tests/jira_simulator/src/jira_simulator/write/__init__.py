"""Everything that changes an issue: history, `updated`, index and webhooks follow by themselves."""
