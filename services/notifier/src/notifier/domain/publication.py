"""An event as it is fanned out: whom it may reach, where it stands in its feed, and its JSON made once."""

from dataclasses import dataclass
from datetime import datetime

from notifier.domain.channels import Feed, Target


@dataclass(frozen=True, slots=True)
class Publication:
    """One event; `data` is the CloudEvent as clients may see it, `level` and `visibility` are who may."""

    feed: Feed
    epoch: str
    position: int
    event_id: str
    tenant: str
    targets: tuple[Target, ...]
    data: str
    level: str | None = None
    visibility: str | None = None

    @property
    def size(self) -> int:
        """About what keeping it costs."""
        return len(self.data) + 400


@dataclass(frozen=True)
class Viewer:
    """Who listens: the token's facts, and the restricted levels and visibility classes that the user holds."""

    tenant: str
    user: str
    session: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    levels: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def may_hear(self, publication: Publication) -> bool:
        """Asked for every publication again: levels and visibility change under an open subscription."""
        if publication.tenant != self.tenant:
            return False
        if publication.level is not None and publication.level not in self.levels:
            return False
        return publication.visibility is None or publication.visibility in self.classes
