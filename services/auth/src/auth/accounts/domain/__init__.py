"""The rules of invitations, lost passwords and mails: values in, decisions and texts out, no I/O."""
