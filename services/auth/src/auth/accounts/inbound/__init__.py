"""The doors of invitations and lost passwords: JSON for programs, pages without JavaScript for people."""
