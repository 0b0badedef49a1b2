"""What can be done with invitations, lost passwords, mails and ownership, one use case a function."""
