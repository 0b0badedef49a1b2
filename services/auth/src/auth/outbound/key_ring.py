"""The signing keys as this process last read them: who asks gets the key that signs, or the public ones of all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.outbound.signing import SigningKey


@dataclass(slots=True)
class KeyRing:
    """Empty until the database was read for the first time."""

    signing: SigningKey | None = None
    public: Sequence[dict[str, Any]] = field(default_factory=tuple)

    def replace(self, signing: SigningKey, public: Sequence[dict[str, Any]]) -> None:
        self.signing, self.public = signing, public
