"""What auth reads from its environment, once, at start."""

import os
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from common.settings import CryptoSettings, Group, ServiceSettings


def _spare_cores() -> int:
    return max(1, min(8, (os.cpu_count() or 1) - 1))


class SignInSettings(Group):
    """How many passwords are checked at a time, and how many wrong ones are borne."""

    hashing_threads: int = Field(
        default_factory=_spare_cores, ge=1, le=64, description="passwords checked at the same time; all cores but one"
    )
    hashing_queue: int = Field(64, ge=1, description="sign-ins that may wait for that; one more is 503")
    tries_per_account: int = Field(10, ge=1, description="wrong tries of one address for one account in the window")
    tries_per_address: int = Field(60, ge=1, description="wrong tries of one address in the window, any account")
    window: timedelta = Field(timedelta(minutes=5), description="how long a wrong try counts")


class KeySettings(Group):
    """How long a signing key signs, and how long it is published before and after."""

    signs_for: timedelta = timedelta(days=30)
    shown_before: timedelta = timedelta(minutes=15)
    shown_after: timedelta = timedelta(hours=1)
    check_every: timedelta = timedelta(minutes=1)
    jwks_max_age: timedelta = timedelta(minutes=5)


class TenantBounds(Group):
    """What tenants may choose for themselves."""

    most_session_days: int = Field(365, ge=1, description="longest life of a session")
    most_exports_days: int = Field(365, ge=1, description="longest time that files of exports are kept")
    least_audit_days: int = Field(30, ge=1, description="shortest time that the audit log is kept")
    most_token_days: int = Field(730, ge=1, description="longest life of an API token that is not unlimited")


class Settings(ServiceSettings):
    """The whole configuration of auth."""

    crypto: CryptoSettings
    sign_in: SignInSettings = SignInSettings()
    signing_keys: KeySettings = KeySettings()
    tenants: TenantBounds = TenantBounds()
    access_token_life: timedelta = Field(timedelta(minutes=10), gt=timedelta(0), le=timedelta(minutes=10))
    keep_ended_sessions: timedelta = timedelta(days=30)

    @model_validator(mode="after")
    def _keys_outlive_their_tokens(self) -> Self:
        if self.signing_keys.shown_after < self.access_token_life + self.tokens.leeway:
            raise ValueError("SIGNING_KEYS__SHOWN_AFTER must be longer than a token lives, leeway included")
        if self.signing_keys.shown_before <= self.signing_keys.jwks_max_age:
            raise ValueError("SIGNING_KEYS__SHOWN_BEFORE must be longer than SIGNING_KEYS__JWKS_MAX_AGE")
        return self
