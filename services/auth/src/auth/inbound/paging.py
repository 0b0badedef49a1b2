"""Cursors of auth's lists: the last id and the list's name in, an opaque signed text out, and back within a day."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from auth.domain.errors import InvalidCursor

LIFE = timedelta(hours=24)
_MAC = 16

LimitQuery = Annotated[int, Query(ge=1, le=200)]
CursorQuery = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Cursors:
    """`place` names list and tenant: a cursor is good for no other."""

    secret: bytes
    place: str

    def written(self, last: UUID, now: datetime) -> str:
        body = last.bytes + int(now.timestamp()).to_bytes(6, "big")
        return urlsafe_b64encode(body + self._mac(body)).rstrip(b"=").decode()

    def read(self, cursor: str | None, now: datetime) -> UUID | None:
        if cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"==")
        except (NotBase64, ValueError):
            raise InvalidCursor from None
        body, mac = raw[:22], raw[22:]
        if len(raw) != 22 + _MAC or not hmac.compare_digest(mac, self._mac(body)):
            raise InvalidCursor
        if now - datetime.fromtimestamp(int.from_bytes(body[16:], "big"), tz=now.tzinfo) > LIFE:
            raise InvalidCursor
        return UUID(bytes=body[:16])

    def next_after(self, ids: Sequence[UUID], limit: int, now: datetime) -> str | None:
        """`ids` are one more than asked for when there is a next page."""
        return self.written(ids[limit - 1], now) if len(ids) > limit else None

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self.secret, b"auth cursor " + self.place.encode() + b"\x00" + body, hashlib.sha256).digest()[
            :_MAC
        ]
