"""Takes letters to where they go; says whether another try could help when one cannot be delivered."""

import sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from uuid import UUID

import aiosmtplib

from auth.accounts.domain.letters import Letter
from auth.settings import SmtpSettings

_ABSURD = 500


class MailServerAway(Exception):
    """The mail may be tried again."""


class MailRefused(Exception):
    """The server will never take this mail."""


class Mailer(Protocol):
    #: Whether anybody reads what is sent.
    works: bool

    async def send(self, letter: Letter, mail: UUID) -> None: ...


class NoMailer:
    """For installations without mail; whoever would need one is told so."""

    works = False

    async def send(self, _letter: Letter, _mail: UUID) -> None:
        raise MailRefused("this installation sends no mail")


class ConsoleMailer:
    """Writes mails to the output of a developer's own installation. Links in them are secrets: never in production."""

    works = True

    async def send(self, letter: Letter, _mail: UUID) -> None:
        sys.stdout.write(f"--- mail to {letter.to}: {letter.subject}\n{letter.text}---\n")
        sys.stdout.flush()


class SmtpMailer:
    """Hands mails to an SMTP server, with TLS unless the operator says otherwise."""

    works = True

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    async def send(self, letter: Letter, mail: UUID) -> None:
        """The message's own id is that of the mail, so that a second delivery can be told as one."""
        smtp = self._settings
        password = None if smtp.password is None else smtp.password.get_secret_value()
        try:
            await aiosmtplib.send(
                message(letter, smtp.sender, mail),
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.username,
                password=password,
                use_tls=smtp.tls == "tls",
                start_tls=smtp.tls == "starttls",
                tls_context=smtp.ssl_context(),
                timeout=smtp.timeout.total_seconds(),
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(one.code >= _ABSURD for one in error.recipients):
                raise MailRefused("recipient refused") from None
            raise MailServerAway("recipient deferred") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # A refused sign-in or sender is the operator's mistake: mails wait until it is mended.
            raise MailServerAway(type(error).__name__) from None


def message(letter: Letter, sender: str, mail: UUID) -> EmailMessage:
    found = EmailMessage()
    found["From"] = Address("Jira Export", addr_spec=sender)
    found["To"] = Address(addr_spec=letter.to)
    found["Subject"] = letter.subject
    found["Date"] = formatdate()
    found["Message-ID"] = f"<{mail}@{sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(letter.text)
    found.add_alternative(letter.html, subtype="html")
    return found
