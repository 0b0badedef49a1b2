"""Argon2id in threads of its own: a password and a stored hash in, whether they match out, never in anybody's way."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from auth.domain.errors import SignInBusy
from auth.domain.passwords import normalised

T = TypeVar("T")

_NICE = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """`rehashed` is the same password under today's costs, when the stored hash has older ones."""

    ok: bool
    rehashed: str | None = None


class Passwords(Protocol):
    async def check(self, password: str, stored: str | None) -> Checked: ...
    async def hash(self, password: str) -> str: ...


def _step_back() -> None:
    """On Linux a thread has a priority of its own: whoever is signed in goes before whoever signs in."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class Argon2Passwords:
    """OWASP's second choice of costs (46 MiB, one pass) keeps a check near 30 ms; waiting lines are bounded."""

    def __init__(self, *, threads: int, queue: int) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1),))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_step_back)
        self._room = threads + queue
        self._taken = 0
        # Somebody without account or password is checked against this, so that it costs the same.
        self._nobody = self._hasher.hash("nobody has this password")

    async def check(self, password: str, stored: str | None) -> Checked:
        return await self._run(self._check, password, stored)

    async def hash(self, password: str) -> str:
        return await self._run(self._hash, password)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(normalised(password))

    def _check(self, password: str, stored: str | None) -> Checked:
        text = normalised(password)
        ok, rehashed = self._hasher.verify_and_update(text, stored or self._nobody)
        if not ok and text != password:
            # Hashes from before the normal form was taken; they are made anew now that the password is known.
            ok = self._hasher.verify(password, stored or self._nobody)
            rehashed = self._hasher.hash(text) if ok else None
        return Checked(ok and stored is not None, rehashed if stored else None)

    async def _run(self, work: Callable[..., T], *args: str | None) -> T:
        if self._taken >= self._room:
            raise SignInBusy(retry_after=timedelta(seconds=3))
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._taken -= 1
