"""People, tenants and their sessions as the rules see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from auth.domain.roles import Role
from common.ids import SessionId, TenantId, UserId


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in; `password_hash` is None until a password is set."""

    user: UserId
    email: str
    name: str
    locale: str
    password_hash: str | None
    disabled: bool
    operator: bool
    email_verified: bool = False  # proved by a mail that was answered, or by a provider that is trusted for it


class TenantState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETING = "deleting"  # nobody gets in; the row goes when everything else has gone


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation; how long its sessions last is its own choice."""

    tenant: TenantId
    slug: str
    name: str
    state: TenantState
    session_idle: timedelta
    session_life: timedelta
    created: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant that a person may enter, and as what."""

    tenant: Tenant
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device."""

    tenant: TenantId
    session: SessionId
    user: UserId
    device: str | None
    address: str | None
    created: datetime
    last_used: datetime
    expires: datetime
    idle_until: datetime
    ended: datetime | None = None
    method: str = "password"  # a name of auth.domain.sign_in_steps.Factor

    def is_alive(self, now: datetime) -> bool:
        return self.ended is None and now < min(self.expires, self.idle_until)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as far as we can tell."""

    device: str | None
    address: str
