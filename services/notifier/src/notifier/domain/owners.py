"""Which tenant has which connection, as far as this node has asked; it never changes hands."""

from collections import OrderedDict


class KnownOwners:
    """The pairs that were found lately, a bounded number of them."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._pairs: OrderedDict[tuple[str, str], None] = OrderedDict()

    def knows(self, tenant: str, connection: str) -> bool:
        """Whether the tenant was found to have it."""
        return (tenant, connection) in self._pairs

    def note(self, tenant: str, connection: str) -> None:
        """Remembers a pair in the place of the oldest one."""
        self._pairs[tenant, connection] = None
        if len(self._pairs) > self._most:
            self._pairs.popitem(last=False)
