"""What the browser keeps of a sign-in that it began: sealed in a cookie, so that nothing is stored for strangers."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from common.ids import TenantId


@dataclass(frozen=True, slots=True)
class Ticket:
    """One sign-in: at which provider, and the secrets that bind its answer to this browser."""

    tenant: TenantId
    provider: UUID
    state: str
    nonce: str
    verifier: str
    return_to: str | None
    expires: datetime

    @property
    def challenge(self) -> str:
        """PKCE, method S256."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    def as_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "tenant": str(self.tenant),
            "provider": str(self.provider),
            "expires": int(self.expires.timestamp()),
        }


def new_ticket(tenant: TenantId, provider: UUID, return_to: str | None, expires: datetime) -> Ticket:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Ticket(tenant, provider, state, nonce, verifier, return_to, expires)


def ticket_of(values: dict[str, Any]) -> Ticket:
    fixed = {
        "tenant": TenantId(UUID(values["tenant"])),
        "provider": UUID(values["provider"]),
        "expires": datetime.fromtimestamp(values["expires"], tz=UTC),
    }
    return Ticket(**{**values, **fixed})
