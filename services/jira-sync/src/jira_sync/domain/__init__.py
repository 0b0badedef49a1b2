"""What a mirror of Jira must do, as pure functions: no clock, no network, no database."""
