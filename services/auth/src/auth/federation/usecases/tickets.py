"""Seals the ticket of a sign-in into the text of a cookie, and opens it again for the answer that belongs to it."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from auth.app import App
from auth.federation.domain.errors import SignInUnknown, StateMismatch
from auth.federation.domain.ticket import Ticket, ticket_of
from common.crypto import CannotUnseal, Sealed

_OWNER = b"auth.federation.ticket"
_LONGEST = 3800


def seal_ticket(app: App, ticket: Ticket) -> str:
    sealed = app.sealer.seal(json.dumps(ticket.as_json()).encode(), owner=_OWNER)
    return f"{sealed.key_id}.{urlsafe_b64encode(sealed.blob).decode()}"


def open_ticket(app: App, cookie: str | None, state: str | None) -> Ticket:
    """Raises for a browser that began no sign-in, for one that took too long, and for another sign-in's answer."""
    if not cookie or len(cookie) > _LONGEST:
        raise SignInUnknown
    key_id, _, blob = cookie.partition(".")
    try:
        ticket = ticket_of(json.loads(app.sealer.unseal(Sealed(key_id, urlsafe_b64decode(blob)), owner=_OWNER)))
    except (CannotUnseal, NotBase64, ValueError):
        raise SignInUnknown from None
    if app.clock() >= ticket.expires:
        raise SignInUnknown
    if state is None or not hmac.compare_digest(state.encode(), ticket.state.encode()):
        raise StateMismatch
    return ticket
