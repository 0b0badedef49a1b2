"""A small part of the body cache in the process itself; names are made of content, so an entry is never stale."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from api_gateway.outbound.body_cache import BodyCache
from common.ids import TenantId


class NearBodyCache:
    """Asks the process's own memory first, then the cache behind it for what is missing."""

    def __init__(self, behind: BodyCache, *, entries: int = 4_096, largest: int = 8_192) -> None:
        self._behind = behind
        self._entries = entries
        self._largest = largest
        self._kept: OrderedDict[tuple[TenantId, str], bytes] = OrderedDict()

    async def get_many(self, tenant: TenantId, addresses: Sequence[str]) -> list[bytes | None]:
        """What is known of these, in their order."""
        found = {address: self._near(tenant, address) for address in addresses}
        missing = [address for address, value in found.items() if value is None]
        if missing:
            farther = await self._behind.get_many(tenant, missing)
            for address, value in zip(missing, farther, strict=True):
                found[address] = value
                if value is not None:
                    self._keep(tenant, address, value)
        return [found[address] for address in addresses]

    async def put_many(self, tenant: TenantId, renderings: Mapping[str, bytes]) -> None:
        """Keeps small ones here, and all behind."""
        for address, value in renderings.items():
            self._keep(tenant, address, value)
        await self._behind.put_many(tenant, renderings)

    def _near(self, tenant: TenantId, address: str) -> bytes | None:
        value = self._kept.get((tenant, address))
        if value is not None:
            self._kept.move_to_end((tenant, address))
        return value

    def _keep(self, tenant: TenantId, address: str, value: bytes) -> None:
        if len(value) > self._largest:
            return
        self._kept[tenant, address] = value
        self._kept.move_to_end((tenant, address))
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)
