from collections.abc import Mapping, Sequence

from api_gateway.outbound.near_cache import NearBodyCache
from common.ids import TenantId, new_id

A, B = TenantId(new_id()), TenantId(new_id())


class MemoryBodyCache:
    """A cache that remembers what it was asked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[TenantId, str], bytes] = {}
        self.asked: list[list[str]] = []

    async def get_many(self, tenant: TenantId, addresses: Sequence[str]) -> list[bytes | None]:
        self.asked.append(list(addresses))
        return [self.kept.get((tenant, address)) for address in addresses]

    async def put_many(self, tenant: TenantId, renderings: Mapping[str, bytes]) -> None:
        self.kept |= {(tenant, address): value for address, value in renderings.items()}


async def test_only_what_is_missing_is_asked_behind() -> None:
    behind = MemoryBodyCache()
    near = NearBodyCache(behind)
    await near.put_many(A, {"x": b"1"})
    behind.kept[A, "y"] = b"2"
    assert await near.get_many(A, ["y", "x", "z"]) == [b"2", b"1", None]
    assert await near.get_many(A, ["y", "x"]) == [b"2", b"1"]
    assert behind.asked == [["y", "z"]]


async def test_tenants_share_nothing() -> None:
    near = NearBodyCache(MemoryBodyCache())
    await near.put_many(A, {"x": b"1"})
    assert await near.get_many(B, ["x"]) == [None]


async def test_it_stays_small() -> None:
    behind = MemoryBodyCache()
    near = NearBodyCache(behind, entries=2, largest=10)
    await near.put_many(A, {"a": b"1", "b": b"2", "c": b"3", "big": b"x" * 11})
    assert await near.get_many(A, ["b", "c"]) == [b"2", b"3"]
    assert behind.asked == []
    assert await near.get_many(A, ["a", "big"]) == [b"1", b"x" * 11]
    assert behind.asked == [["a", "big"]]
