"""An event as it is fanned out: whom it may reach, where it stands in its feed, and its JSON made once."""

from dataclasses import dataclass, field
from datetime import datetime

from notifier.domain.channels import Feed, Target
from notifier.domain.sight import Origin, Sight


@dataclass(frozen=True, slots=True)
class Publication:
    """One event; `data` is the CloudEvent as clients may see it. Without an origin its targets alone decide.

    An issue that moved between projects is `gone` for who sees only the old one, and `come` for who sees only the new.
    """

    feed: Feed
    epoch: str
    position: int
    event_id: str
    tenant: str
    targets: tuple[Target, ...]
    data: str
    origin: Origin | None = None
    gone: str | None = None
    come: str | None = None

    @property
    def size(self) -> int:
        """About what keeping it costs."""
        return len(self.data) + len(self.gone or "") + len(self.come or "") + 400


@dataclass(frozen=True)
class Viewer:
    """Who listens: the token's facts, and what was granted when it was last looked at."""

    tenant: str
    user: str
    session: str
    role: str
    scopes: frozenset[str]
    as_of: datetime  # how old the rights are that the token tells
    expires_at: datetime
    sight: Sight = field(default_factory=dict)

    @property
    def manages_connections(self) -> bool:
        """Whether he hears of connections that nothing of was granted to him; of their issues he does not."""
        return "connections:admin" in self.scopes

    def hears(self, publication: Publication) -> str | None:
        """The JSON that he may hear; asked for every publication again, because everything in it may change."""
        origin = publication.origin
        if publication.tenant != self.tenant:
            return None
        if origin is None:
            return publication.data
        seen = self.sight.get(origin.connection)
        if origin.project is None:
            return publication.data if seen is not None or self.manages_connections else None
        if seen is None or not (origin.level is None or origin.level in seen.levels):
            return None
        if not (origin.visibility is None or origin.visibility in seen.classes):
            return None
        is_here = seen.sees_project(origin.project)
        if origin.left is None or origin.left == origin.project:
            return publication.data if is_here else None
        was_there = seen.sees_project(origin.left)
        if is_here and was_there:
            return publication.data
        return publication.come if is_here else publication.gone if was_there else None
