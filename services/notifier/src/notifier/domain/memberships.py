"""Memberships that changed while tokens made before still look valid."""

from datetime import datetime, timedelta

from notifier.domain.publication import Viewer


class ChangedMemberships:
    """Kept as long as a token can live; older tokens are refused by their own end."""

    def __init__(self, keep: timedelta) -> None:
        self._keep = keep
        self._changed: dict[tuple[str, str], datetime] = {}

    def note(self, tenant: str, user: str, at: datetime) -> None:
        """Tokens of the user for this tenant that are older than the change are void."""
        self._changed.pop((tenant, user), None)
        self._changed[(tenant, user)] = at
        while self._changed and next(iter(self._changed.values())) < at - self._keep:
            del self._changed[next(iter(self._changed))]

    def outdate(self, viewer: Viewer) -> bool:
        """Whether the viewer's token tells rights from before the last change."""
        changed = self._changed.get((viewer.tenant, viewer.user))
        return changed is not None and viewer.as_of < changed
