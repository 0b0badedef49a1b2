"""The deletion of a tenant as a job: answers of services come in, progress and what is left go out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from common.clock import rfc3339
from common.ids import TenantId

#: Where what auth itself has left stands among the services.
OWN = "auth"

Left = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Who asked when, the most that was ever seen to be left, and what each service said last (None: nothing yet)."""

    asked_at: datetime
    asked_by: str | None
    most: int = 0
    left: Mapping[str, Left | None] | None = None
    updated_at: datetime | None = None

    def heard(self, left: Mapping[str, Left | None], now: datetime) -> Self:
        """After a round: a service that did not answer keeps what it said before."""
        before = self.left or {}
        merged = {name: before.get(name) if said is None else dict(said) for name, said in left.items()}
        seen = sum(sum(said.values()) for said in merged.values() if said is not None)
        return replace(self, left=merged, most=max(self.most, seen), updated_at=now)

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Services that have never answered."""
        return tuple(sorted(name for name, said in (self.left or {}).items() if said is None))

    @property
    def number_left(self) -> int:
        return sum(sum(said.values()) for said in (self.left or {}).values() if said is not None)

    @property
    def done(self) -> int:
        return max(0, self.most - self.number_left)

    def to_json(self) -> dict[str, Any]:
        return {
            "asked_at": rfc3339(self.asked_at),
            "asked_by": self.asked_by,
            "most": self.most,
            "left": self.left,
            "updated_at": None if self.updated_at is None else rfc3339(self.updated_at),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None, fallback: datetime) -> Self:
        """A tenant that was deleted before there was this job has no record of it."""
        if value is None:
            return cls(fallback, None)
        updated = value["updated_at"]
        return cls(
            datetime.fromisoformat(value["asked_at"]),
            value["asked_by"],
            value["most"],
            value["left"],
            None if updated is None else datetime.fromisoformat(updated),
        )


def others_are_done(answers: Mapping[str, Left | None], asked_at: datetime, now: datetime, settle: timedelta) -> bool:
    """Whether auth may erase its own rows: everybody has nothing, and whatever was under way has come to its end."""
    return all(said is not None and not said for said in answers.values()) and now >= asked_at + settle


@dataclass(frozen=True, slots=True)
class Claimed:
    """A tenant whose deletion is this process' work for a while."""

    tenant: TenantId
    slug: str
    deletion: Deletion
