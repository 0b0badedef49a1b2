"""The texts of mails in English and Russian: a mail in, subject, plain text and simple HTML out."""

from dataclasses import dataclass
from html import escape

from auth.accounts.domain.mails import Mail, MailKind

_MOST = 80


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent."""

    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    text: str
    button: str = ""
    after: str = ""


_TEXTS: dict[tuple[MailKind, str], _Words] = {
    (MailKind.INVITATION, "en"): _Words(
        "You are invited to {tenant}",
        "{inviter} invites you to join {tenant} in Jira Export as {role}.",
        "Accept the invitation",
        "The link works once, until {until} (UTC). If you do not know what this is about, do nothing.",
    ),
    (MailKind.INVITATION, "ru"): _Words(
        "Вас приглашают в «{tenant}»",
        "{inviter} приглашает вас в «{tenant}» в Jira Export, роль: {role}.",
        "Принять приглашение",
        "Ссылка действует один раз, до {until} (UTC). Если вы не знаете, о чём речь, ничего не делайте.",
    ),
    (MailKind.RESET, "en"): _Words(
        "A new password for Jira Export",
        "Somebody, hopefully you, asked for a new password for this address.",
        "Choose a new password",
        "The link works once, until {until} (UTC). If it was not you, do nothing: your password stays as it is.",
    ),
    (MailKind.RESET, "ru"): _Words(
        "Новый пароль для Jira Export",
        "Кто-то, надеемся, вы, запросил новый пароль для этого адреса.",
        "Придумать новый пароль",
        "Ссылка действует один раз, до {until} (UTC). Если это не вы, ничего не делайте: пароль останется прежним.",
    ),
    (MailKind.PASSWORD_CHANGED, "en"): _Words(
        "Your password for Jira Export was changed",
        "The password of this address was changed at {at} (UTC), and all other sessions were ended.",
        after="If it was not you, ask for a new password at once and tell your administrator.",
    ),
    (MailKind.PASSWORD_CHANGED, "ru"): _Words(
        "Ваш пароль для Jira Export изменён",
        "Пароль для этого адреса изменён {at} (UTC), остальные сеансы завершены.",
        after="Если это не вы, сразу запросите новый пароль и сообщите администратору.",
    ),
}

_ROLES = {
    "ru": {"owner": "владелец", "admin": "администратор", "member": "участник", "viewer": "читатель"},
    "en": {"owner": "owner", "admin": "administrator", "member": "member", "viewer": "viewer"},
}


def letter(mail: Mail) -> Letter:
    language = "ru" if mail.locale == "ru" else "en"
    words = _TEXTS[mail.kind, language]
    values = {name: _plain(value) for name, value in mail.values.items() if name != "link"}
    values["role"] = _ROLES[language].get(values.get("role", ""), "")
    link = mail.values.get("link")
    paragraphs = [words.text.format(**values), words.after.format(**values)]
    middle = [] if link is None else [f"{words.button}:\n{link}"]
    text = "\n\n".join([paragraphs[0], *middle, paragraphs[1]]) + "\n"
    button = "" if link is None else f'<p><a href="{escape(link)}">{escape(words.button)}</a></p><p>{escape(link)}</p>'
    html = (
        f'<!doctype html><html lang="{language}"><body><p>{escape(paragraphs[0])}</p>'
        f"{button}<p>{escape(paragraphs[1])}</p></body></html>"
    )
    return Letter(mail.to, words.subject.format(**values), text, html)


def _plain(name: str) -> str:
    """Names are chosen by people: on one line, short, and nothing in them becomes a link of its own."""
    line = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    for sign, instead in (("://", " "), ("/", " "), ("@", " at "), ("www.", " ")):
        line = line.replace(sign, instead)
    return line.replace(".", ".\u200b")[:_MOST]  # a space of no width keeps mail programs from making links
