"""Mails that wait: rows of `auth.mails`, sealed; a sender takes one for a while, and forgets it when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from auth.accounts.domain.mails import MailKind, wait_before_try
from auth.accounts.store.tables import mails
from common.crypto import Sealed
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that was taken to be sent."""

    mail: UUID
    kind: MailKind
    sealed: Sealed
    tries: int
    expires: datetime


async def add_mail(tx: Tx, mail: UUID, kind: MailKind, sealed: Sealed, *, now: datetime, expires: datetime) -> None:
    values = {"mail_id": mail, "kind": kind.value, "sealed": sealed.blob, "master_key_id": sealed.key_id}
    times = {"next_try_at": now, "expires_at": expires, "created_at": now}
    await tx.execute(tx.insert(mails).values(**values, **times))


async def find_tenants_with_due_mails(tx: AcrossTenantsTx, *, now: datetime) -> Sequence[TenantId]:
    statement = select(mails.c.tenant_id).where(mails.c.next_try_at <= now)  # across tenants: the sender's question
    return [TenantId(row.tenant_id) for row in await tx.execute(statement.distinct().limit(_AT_ONCE))]


async def take_due_mails(tx: Tx, *, now: datetime) -> Sequence[WaitingMail]:
    """Nobody else gets them before their next try; so one that dies with a mail in its hands loses nothing."""
    due = tx.select(mails).where(mails.c.next_try_at <= now).order_by(mails.c.next_try_at).limit(_AT_ONCE)
    rows = (await tx.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        mine = tx.update(mails).where(mails.c.mail_id == row.mail_id)
        await tx.execute(mine.values(tries=row.tries + 1, next_try_at=now + wait_before_try(row.tries)))
    return [
        WaitingMail(row.mail_id, MailKind(row.kind), Sealed(row.master_key_id, row.sealed), row.tries, row.expires_at)
        for row in rows
    ]


async def replace_mail(tx: Tx, mail: UUID, kind: MailKind, sealed: Sealed, *, expires: datetime) -> None:
    """The same mail with more in it than was known when it was asked for."""
    statement = tx.update(mails).where(mails.c.mail_id == mail)
    values = {"kind": kind.value, "sealed": sealed.blob, "master_key_id": sealed.key_id, "expires_at": expires}
    await tx.execute(statement.values(**values))


async def forget_mail(tx: Tx, mail: UUID) -> None:
    await tx.execute(tx.delete(mails).where(mails.c.mail_id == mail))
