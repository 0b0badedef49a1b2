"""A real SMTP server on a real socket: takes mails, can be away, can refuse a recipient, asks for a sign-in and TLS."""

import asyncio
import contextlib
import email
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

USER, WORD = "mailer", "smtp-secret-of-tests"


@dataclass
class Mailbox:
    """What arrived, in order."""

    port: int
    refused: set[str] = field(default_factory=set)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 taken"

    async def next(self, *, to: str, after: int = 0) -> EmailMessage:
        """The first mail to somebody that came after the first `after` of them."""
        async with asyncio.timeout(20):
            while True:
                mine = [mail for mail in self.mails if mail["To"] == to]
                if len(mine) > after:
                    return mine[after]
                await asyncio.sleep(0.02)

    def count(self, to: str) -> int:
        return sum(mail["To"] == to for mail in self.mails)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def token_of(mail: EmailMessage) -> str:
    match = re.search(r"\?token=([A-Za-z0-9_-]+)", text_of(mail))
    assert match is not None
    return match[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> AsyncIterator[Mailbox]:
    """Listens at the mailbox's port while the block runs."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = (given.login, given.password) == (USER.encode(), WORD.encode())
        return AuthResult(success=right, handled=False)

    def factory() -> SMTP:
        more: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if sign_in:
            more |= {"authenticator": check, "auth_required": True}
        return SMTP(mailbox, hostname="mail.test", enable_SMTPUTF8=True, **more)

    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", mailbox.port)
    try:
        yield mailbox
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 2)
