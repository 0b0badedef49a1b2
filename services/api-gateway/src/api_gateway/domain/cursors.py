"""Cursors: a position in a list becomes a signed text that only fits the same tenant and question, for a day."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.errors import AppError, ErrorKind, register_translations

LIFETIME = timedelta(hours=24)
_MAC = 16
_MAX_LENGTH = 4_000


class InvalidCursor(AppError):
    """This cursor does not belong to this list; start again without it."""

    kind, code = ErrorKind.INVALID, "query.invalid_cursor"


class CursorExpired(AppError):
    """This cursor is older than a day; start again without it."""

    kind, code = ErrorKind.INVALID, "query.cursor_expired"


register_translations(
    {
        "query.invalid_cursor": "Этот курсор не от этого списка; начните без него.",
        "query.cursor_expired": "Этот курсор старше суток; начните без него.",
    }
)


@dataclass(frozen=True, slots=True)
class CursorSigner:
    """Writes and reads cursors; `bound_to` is whatever the list depends on (tenant, access, filter, order)."""

    secret: bytes

    def write(self, position: Any, *, bound_to: str, now: datetime) -> str:
        """The text of a position, as JSON values."""
        expires = int((now + LIFETIME).timestamp())
        payload = json.dumps([expires, position], ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(payload, bound_to) + payload).decode().rstrip("=")

    def read(self, cursor: str, *, bound_to: str, now: datetime) -> Any:
        """The position; raises `InvalidCursor` for anything that was not written for this list, `CursorExpired`."""
        raw = _decoded(cursor)
        mac, payload = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, self._mac(payload, bound_to)):
            raise InvalidCursor
        expires, position = json.loads(payload)
        if now.timestamp() >= expires:
            raise CursorExpired
        return position

    def _mac(self, payload: bytes, bound_to: str) -> bytes:
        message = hashlib.blake2b(bound_to.encode(), digest_size=32).digest() + payload
        return hmac.digest(self.secret, message, "sha256")[:_MAC]


def _decoded(cursor: str) -> bytes:
    if len(cursor) > _MAX_LENGTH:
        raise InvalidCursor
    try:
        # validate=True refuses foreign characters that the lenient decoder would drop.
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
