"""Which mailer an installation has: its settings in, the mailer out."""

import structlog

from auth.accounts.outbound.mailers import ConsoleMailer, Mailer, NoMailer, SmtpMailer
from auth.settings import Settings

log = structlog.get_logger(__name__)


def mailer_of(settings: Settings) -> Mailer:
    goes = settings.mail_goes()
    if goes == "smtp":
        return SmtpMailer(settings.smtp)
    if goes == "console":
        log.warning("mails_go_to_the_console", why="MAIL=console is for a developer's machine: links are secrets")
        return ConsoleMailer()
    return NoMailer()
