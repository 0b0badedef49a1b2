"""How people come in and back: invitations, lost passwords, mails and their pages, ownership."""
