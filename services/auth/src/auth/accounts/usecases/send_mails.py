"""Sends the mails that wait, each outside any transaction; what a server that is away does not take is tried again."""

import structlog

from auth.accounts.domain.letters import letter
from auth.accounts.domain.link_tokens import RESET_LIFE, reset_token
from auth.accounts.domain.mails import MAIL_LIFE, Mail, MailKind
from auth.accounts.outbound.mailers import MailRefused, MailServerAway
from auth.accounts.store.mails import (
    WaitingMail,
    find_tenants_with_due_mails,
    forget_mail,
    replace_mail,
    take_due_mails,
)
from auth.accounts.store.resets import add_reset
from auth.accounts.usecases.post_mail import open_mail, seal_mail
from auth.app import FINDER, App
from auth.metrics import MAILS
from auth.store.accounts import find_account_by_email
from auth.store.memberships import list_places
from common.crypto import CannotUnseal
from common.ids import TenantId, UserId

log = structlog.get_logger(__name__)


async def send_mails(app: App) -> int:
    """One round; returns how many were sent."""
    now = app.clock()
    async with app.db.uow_for_all_tenants("the sender finds mails that are due", role=FINDER) as across:
        tenants = await find_tenants_with_due_mails(across, now=now)
    sent = 0
    for tenant in tenants:
        async with app.db.uow(tenant) as tx:
            taken = await take_due_mails(tx, now=now)
        for waiting in taken:
            sent += await _deliver(app, tenant, waiting)
    return sent


async def _deliver(app: App, tenant: TenantId, waiting: WaitingMail) -> bool:
    outcome = await _try(app, tenant, waiting)
    MAILS.labels(waiting.kind.value, outcome).inc()
    log.info("mail", kind=waiting.kind.value, outcome=outcome, tries=waiting.tries + 1)
    if outcome != "postponed":
        async with app.db.uow(tenant) as tx:
            await forget_mail(tx, waiting.mail)
    return outcome == "sent"


async def _try(app: App, tenant: TenantId, waiting: WaitingMail) -> str:
    if app.clock() >= waiting.expires:
        return "expired"
    try:
        mail = open_mail(app, waiting.mail, waiting.kind, waiting.sealed, waiting.expires)
        if mail.kind is MailKind.RESET_ASKED:
            found = await _with_reset(app, tenant, waiting, mail)
            if found is None:
                return "nobody"
            mail = found
        await app.mailer.send(letter(mail), waiting.mail)
    except MailServerAway as error:
        log.warning("mail_server_away", reason=str(error))
        return "postponed"
    except CannotUnseal:
        return "unreadable"
    except MailRefused:
        return "refused"
    return "sent"


async def _with_reset(app: App, tenant: TenantId, waiting: WaitingMail, asked: Mail) -> Mail | None:
    """Only here it is looked up whether there is an active account, so that asking tells nothing by its time."""
    user = await _active_person(app, asked.to)
    if user is None:
        return None
    now, token = app.clock(), reset_token()
    expires = now + RESET_LIFE
    values = {"link": app.settings.link("reset", token), "until": f"{expires:%Y-%m-%d %H:%M}"}
    mail = Mail(MailKind.RESET, asked.to, asked.locale, min(expires, now + MAIL_LIFE), values)
    async with app.db.uow(tenant) as tx:
        await add_reset(tx, user, token, now=now, expires=expires)
        await replace_mail(tx, waiting.mail, mail.kind, seal_mail(app, waiting.mail, mail), expires=mail.expires)
    return mail


async def _active_person(app: App, email: str) -> UserId | None:
    async with app.db.uow_for_all_tenants("a lost password finds its person", role=FINDER) as across:
        account = await find_account_by_email(across, email)
        if account is None or account.disabled:
            return None
        places = await list_places(across, account.user)
    return account.user if places or account.operator else None
