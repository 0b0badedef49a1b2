"""Atlassian's OAuth 2.0 (3LO): an app, its codes, rotating refresh tokens and access tokens with scopes."""
