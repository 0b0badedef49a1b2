"""Seals secrets at rest with AES-256-GCM under a named master key; the associated data binds them to their owner."""

import base64
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.errors import AppError, ErrorKind
from common.settings import CryptoSettings

_NONCE = 12
#: Before the number of a tenant's data key in a key id (common.db.data_keys); no master key's id begins like this.
DATA_KEY = "data:"


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
        #: The id of the key that seals.
        self.active = settings.active_key
        self._keys = {name: AESGCM(_key_bytes(name, key)) for name, key in settings.all_master_keys().items()}
        if self.active not in self._keys:
            raise ValueError("CRYPTO__ACTIVE_KEY names no key of CRYPTO__MASTER_KEYS or CRYPTO__MASTER_KEYS_FILE")

    def seal(self, secret: bytes, *, owner: bytes) -> Sealed:
        """Seals a secret; only the same `owner` bytes open it again."""
        nonce = os.urandom(_NONCE)
        return Sealed(self.active, nonce + self._keys[self.active].encrypt(nonce, secret, owner))

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
    if name.startswith(DATA_KEY):
        raise ValueError(f"the id of a master key must not begin with {DATA_KEY!r}")
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError(f"master key {name!r} must be 32 bytes in base64")
    return raw
