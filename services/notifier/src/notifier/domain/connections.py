"""All clients of this node: how many each tenant has, and whose sockets have to go."""

from collections import Counter
from collections.abc import Iterator

from notifier.domain.client import Client


class Connections:
    """Clients come when their socket opens, and are counted for their tenant when their token was accepted."""

    def __init__(self, per_tenant: int) -> None:
        self._per_tenant = per_tenant
        self._clients: set[Client] = set()
        self._counted: dict[Client, str] = {}
        self._by_tenant: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._clients))

    def add(self, client: Client) -> None:
        """A socket opened."""
        self._clients.add(client)

    def count_for(self, client: Client, tenant: str) -> bool:
        """Counts a client for its tenant; False when the tenant has its full number."""
        if client in self._counted:
            return True
        if self._by_tenant[tenant] >= self._per_tenant:
            return False
        self._counted[client] = tenant
        self._by_tenant[tenant] += 1
        return True

    def remove(self, client: Client) -> None:
        """A socket is gone."""
        self._clients.discard(client)
        tenant = self._counted.pop(client, None)
        if tenant is not None:
            self._by_tenant[tenant] -= 1
            if not self._by_tenant[tenant]:
                del self._by_tenant[tenant]

    def of_tenant(self, tenant: str) -> Iterator[Client]:
        """The clients of all members of a tenant."""
        return (client for client in self if client.viewer is not None and client.viewer.tenant == tenant)

    def of_session(self, tenant: str, session: str) -> Iterator[Client]:
        """The clients that came with tokens of a tenant's session."""
        return (
            client
            for client in self
            if client.viewer is not None and (client.viewer.tenant, client.viewer.session) == (tenant, session)
        )

    def of_member(self, tenant: str, user: str) -> Iterator[Client]:
        """The clients of one member of a tenant."""
        return (
            client
            for client in self
            if client.viewer is not None and (client.viewer.tenant, client.viewer.user) == (tenant, user)
        )
