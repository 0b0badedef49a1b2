"""SQL of invitations, password resets and mails."""
