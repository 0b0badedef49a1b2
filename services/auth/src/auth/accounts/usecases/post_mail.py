"""Puts a mail into the outbox of mails in the transaction of what it tells; it stays sealed until it is sent."""

from datetime import datetime
from uuid import UUID

import orjson

from auth.accounts.domain.mails import MAIL_LIFE, Mail, MailKind
from auth.accounts.store.mails import add_mail
from auth.app import App
from auth.domain.accounts import Account
from common.crypto import Sealed
from common.db.unit_of_work import Tx
from common.ids import new_id


async def post_mail(tx: Tx, app: App, mail: Mail, *, now: datetime) -> None:
    number = new_id()
    await add_mail(tx, number, mail.kind, seal_mail(app, number, mail), now=now, expires=mail.expires)


async def tell_of_new_password(tx: Tx, app: App, account: Account, *, now: datetime) -> None:
    """Whoever did not change it himself learns that somebody else did."""
    values = {"at": f"{now:%Y-%m-%d %H:%M}"}
    mail = Mail(MailKind.PASSWORD_CHANGED, account.email, account.locale, now + MAIL_LIFE, values)
    await post_mail(tx, app, mail, now=now)


def seal_mail(app: App, number: UUID, mail: Mail) -> Sealed:
    body = orjson.dumps({"to": mail.to, "locale": mail.locale, "values": dict(mail.values)})
    return app.sealer.seal(body, owner=_owner(number))


def open_mail(app: App, number: UUID, kind: MailKind, sealed: Sealed, expires: datetime) -> Mail:
    body = orjson.loads(app.sealer.unseal(sealed, owner=_owner(number)))
    return Mail(kind, body["to"], body["locale"], expires, body["values"])


def _owner(number: UUID) -> bytes:
    return f"auth.mails:{number}".encode()
