"""Where mails go: an SMTP server, the output of a development installation, or nowhere."""
