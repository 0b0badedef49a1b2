"""Sealed secrets open for their owner only, also after the active key changed."""

import base64

import pytest
from pydantic import SecretStr, ValidationError

from common.crypto import CannotUnseal, Sealed, Sealer
from common.settings import CryptoSettings


def settings(active: str, **keys: bytes) -> CryptoSettings:
    named = {name: SecretStr(base64.b64encode(key).decode()) for name, key in keys.items()}
    return CryptoSettings(master_keys=named, active_key=active)


OLD, NEW = b"o" * 32, b"n" * 32


def test_a_secret_opens_again_and_does_not_stand_in_the_blob() -> None:
    sealer = Sealer(settings("k1", k1=OLD))
    sealed = sealer.seal(b"top secret", owner=b"tenant-a")
    assert b"top secret" not in sealed.blob
    assert sealer.unseal(sealed, owner=b"tenant-a") == b"top secret"


def test_another_owner_altered_bytes_and_a_missing_key_do_not_open_it() -> None:
    sealer = Sealer(settings("k1", k1=OLD))
    sealed = sealer.seal(b"top secret", owner=b"tenant-a")
    altered = Sealed(sealed.key_id, sealed.blob[:-1] + bytes([sealed.blob[-1] ^ 1]))
    for broken, owner in ((sealed, b"tenant-b"), (altered, b"tenant-a"), (Sealed("k9", sealed.blob), b"tenant-a")):
        with pytest.raises(CannotUnseal):
            sealer.unseal(broken, owner=owner)


def test_after_a_key_change_old_secrets_open_and_new_ones_use_the_new_key() -> None:
    before = Sealer(settings("k1", k1=OLD)).seal(b"kept", owner=b"o")
    after = Sealer(settings("k2", k1=OLD, k2=NEW))
    assert after.unseal(before, owner=b"o") == b"kept"
    assert after.seal(b"x", owner=b"o").key_id == "k2"


def test_a_key_of_another_length_or_an_unknown_active_key_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(settings("k1", k1=b"short"))
    with pytest.raises(ValidationError, match="names no key"):
        settings("k2", k1=OLD)
