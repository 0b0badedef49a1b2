"""API tokens: their text with its checksum, and their exchange at auth for short access tokens that are remembered."""

import asyncio
import hashlib
import re
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import httpx
import structlog

from common.errors import (
    AppError,
    ErrorKind,
    KeysUnavailable,
    TokenExpired,
    TokenRevoked,
    Unauthenticated,
    register_translations,
)
from common.ids import PLATFORM
from common.settings import InternalSettings, TokenSettings
from common.telemetry.context import current, trace_headers
from common.web.internal import internal_token

log = structlog.get_logger(__name__)

#: What secret scanners look for: the prefix, 32 random signs, and 6 signs of checksum.
API_TOKEN_PREFIX = "jex_"  # noqa: S105 - the public part
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"jex_([0-9A-Za-z]{32})([0-9A-Za-z]{6})")
_MOST = 10_000
_RENEW_BEFORE = 60.0
_ASK_AGAIN_AFTER = 5.0


class TooManyGuesses(AppError):
    """Too many wrong tries; wait a little and try again."""

    kind, code = ErrorKind.TOO_MANY, "auth.too_many_tries"


register_translations({"auth.too_many_tries": "Слишком много неверных попыток; подождите немного."})
_REFUSALS: dict[str, type[Unauthenticated]] = {kind.code: kind for kind in (TokenExpired, TokenRevoked)}


def new_api_token() -> str:
    """190 random bits, so that a fast hash is enough at rest."""
    secret = "".join(secrets.choice(_DIGITS) for _ in range(32))
    return f"{API_TOKEN_PREFIX}{secret}{_checksum(secret)}"


def is_api_token(text: str) -> bool:
    """Whether it can be one: a typing error is found without asking anybody."""
    match = _FORM.fullmatch(text)
    return match is not None and secrets.compare_digest(_checksum(match.group(1)), match.group(2))


def fingerprint(text: str) -> bytes:
    """What is kept of an API token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _checksum(secret: str) -> str:
    number = zlib.crc32(secret.encode())
    signs = ""
    for _ in range(6):
        number, digit = divmod(number, len(_DIGITS))
        signs = _DIGITS[digit] + signs
    return signs


@dataclass(frozen=True)
class Exchanged:
    """An access token and how many seconds it lasts."""

    access_token: str
    expires_in: int


class Exchange(Protocol):
    """Makes an access token of an API token; raises what the caller is to be told."""

    async def __call__(self, text: str) -> Exchanged: ...


class HttpExchange:
    """Asks auth."""

    def __init__(
        self, settings: TokenSettings, internal: InternalSettings, client: httpx.AsyncClient, *, service: str
    ) -> None:
        beside_keys = str(httpx.URL(settings.jwks_url).join("/internal/v1/token-exchange"))
        self._url = settings.exchange_url or beside_keys
        self._internal = internal
        self._client = client
        self._service = service

    async def __call__(self, text: str) -> Exchanged:
        context = current()
        body = {"token": text, "address": context.address if context else None}
        proof = internal_token(self._internal, service=self._service, tenant=PLATFORM)
        try:
            answer = await self._client.post(
                self._url, json=body, headers={"Authorization": proof, **trace_headers()}, timeout=5
            )
            said = answer.json()
            if answer.status_code == httpx.codes.OK:
                return Exchanged(str(said["access_token"]), int(said["expires_in"]))
            code = str(said["code"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("api_token_not_exchanged", error=type(error).__name__)
            raise KeysUnavailable(retry_after=timedelta(seconds=2)) from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise _REFUSALS.get(code, Unauthenticated)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TooManyGuesses(retry_after=timedelta(seconds=_seconds(answer.headers.get("retry-after"))))
        log.warning("api_token_not_exchanged", code=code)
        raise KeysUnavailable(retry_after=timedelta(seconds=2))


def _seconds(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else 60


@dataclass
class _Kept:
    """`renew` is when a fresh one is asked for; until `ends` this one serves while auth is away."""

    access_token: str
    renew: float
    ends: float


class ApiTokens:
    """Remembers by fingerprint what each API token was exchanged for, and for a moment which were refused."""

    def __init__(self, exchange: Exchange, now: Callable[[], float] = time.monotonic) -> None:
        self._exchange = exchange
        self._now = now
        self._kept: dict[bytes, _Kept] = {}
        self._refused: dict[bytes, tuple[type[Unauthenticated], float]] = {}
        self._asking: dict[bytes, asyncio.Task[_Kept]] = {}

    async def access_token_of(self, text: str) -> str:
        """Raises `Unauthenticated` or a child of it, `TooManyGuesses`, or `KeysUnavailable`."""
        if not is_api_token(text):
            raise Unauthenticated
        digest, now = fingerprint(text), self._now()
        refused = self._refused.get(digest)
        if refused is not None and now < refused[1]:
            raise refused[0]
        kept = self._kept.get(digest)
        if kept is not None and now < kept.renew:
            return kept.access_token
        try:
            return (await self._asked(digest, text)).access_token
        except KeysUnavailable:
            if kept is None or now >= kept.ends:
                raise
            kept.renew = min(now + _ASK_AGAIN_AFTER, kept.ends)
            return kept.access_token

    def forget(self, text: str) -> None:
        """The rights have changed, so that the next question goes to auth."""
        self._kept.pop(fingerprint(text), None)

    async def _asked(self, digest: bytes, text: str) -> _Kept:
        """Many requests with one token ask once."""
        task = self._asking.get(digest)
        if task is None:
            task = self._asking[digest] = asyncio.create_task(self._ask(digest, text))
            task.add_done_callback(lambda done: self._done(digest, done))
        return await asyncio.shield(task)

    def _done(self, digest: bytes, task: "asyncio.Task[_Kept]") -> None:
        del self._asking[digest]
        if not task.cancelled():
            task.exception()  # whoever waited has it; when all of them went away, nobody needs it

    async def _ask(self, digest: bytes, text: str) -> _Kept:
        try:
            fresh = await self._exchange(text)
        except Unauthenticated as refusal:
            self._kept.pop(digest, None)
            _make_room(self._refused)
            self._refused[digest] = (type(refusal), self._now() + _ASK_AGAIN_AFTER)
            raise
        now = self._now()
        kept = _Kept(fresh.access_token, now + max(1.0, fresh.expires_in - _RENEW_BEFORE), now + fresh.expires_in)
        _make_room(self._kept)
        self._kept[digest] = kept
        return kept


def _make_room(
    memory: dict[bytes, object] | dict[bytes, _Kept] | dict[bytes, tuple[type[Unauthenticated], float]],
) -> None:
    if len(memory) >= _MOST:
        del memory[next(iter(memory))]
