"""Who may see what: one value that every read, count, search, cache key and notice goes through."""

import hashlib
from dataclasses import dataclass
from typing import Any

from common.ids import TenantId


@dataclass(frozen=True, slots=True)
class Access:
    """A viewer's rights inside a tenant; what is not named here is not visible.

    `levels` are ids of issue security levels, `classes` are visibilities of comments and worklogs (`role:Developers`).
    """

    tenant: TenantId
    levels: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """Equal for two viewers exactly when they may see the same; part of every cursor and shared cache key."""
        parts = (str(self.tenant), *sorted(self.levels), "", *sorted(self.classes))
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()

    def parameters(self) -> dict[str, Any]:
        """The values of the conditions in `common.issues.scope`."""
        return {"tenant": self.tenant, "levels": sorted(self.levels), "classes": sorted(self.classes)}
