"""Seals secrets at rest with AES-256-GCM under a named master key; the associated data binds them to their owner."""

import base64
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.errors import AppError, ErrorKind
from common.settings import CryptoSettings

_NONCE = 12


class CannotUnseal(AppError):
    """A stored secret cannot be opened: its master key is missing or wrong."""

    kind, code = ErrorKind.UNAVAILABLE, "crypto.cannot_unseal"


@dataclass(frozen=True)
class Sealed:
    """A sealed secret and the id of the master key that opens it."""

    key_id: str
    blob: bytes


class Sealer:
    """Seals with the active key, opens with any key that is still configured."""

    def __init__(self, settings: CryptoSettings) -> None:
        self._active = settings.active_key
        self._keys = {
            name: AESGCM(_key_bytes(name, key.get_secret_value())) for name, key in settings.master_keys.items()
        }

    def seal(self, secret: bytes, *, owner: bytes) -> Sealed:
        """Seals a secret; only the same `owner` bytes open it again."""
        nonce = os.urandom(_NONCE)
        return Sealed(self._active, nonce + self._keys[self._active].encrypt(nonce, secret, owner))

    def unseal(self, sealed: Sealed, *, owner: bytes) -> bytes:
        """Opens a sealed secret; raises `CannotUnseal` for a missing key, another owner or altered bytes."""
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise CannotUnseal(detail=f"Master key {sealed.key_id!r} is not configured.")
        try:
            return key.decrypt(sealed.blob[:_NONCE], sealed.blob[_NONCE:], owner)
        except InvalidTag:
            raise CannotUnseal from None


def _key_bytes(name: str, text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != 32:
        raise ValueError(f"master key {name!r} must be 32 bytes in base64")
    return raw
