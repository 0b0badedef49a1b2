"""A request is counted against its limits: in Redis with all nodes, or alone with this node's share of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from api_gateway.gate.domain.charges import Member, Rates, charges_for
from api_gateway.gate.domain.gcra import LocalBuckets, Verdict
from api_gateway.gate.outbound.shared_limits import RedisLimits
from api_gateway.metrics import LIMITED, LIMITS_COUNTED


@dataclass(frozen=True, slots=True)
class Counters:
    """Where requests are counted."""

    rates: Rates
    shared: RedisLimits
    local: LocalBuckets
    nodes: int
    now: Callable[[], float] = time.monotonic


async def count_request(
    member: Member | None, address: str, cost: int, *, tenants_own: int | None, counters: Counters
) -> Verdict:
    """Counted once; a request that is refused costs nothing, so that waiting as told is enough."""
    charges = charges_for(member, address, counters.rates, tenants_own)
    found = await counters.shared.charge(charges, cost)
    LIMITS_COUNTED.labels("redis" if found else "local").inc()
    if found is None:
        own = None if tenants_own is None else max(1, tenants_own // counters.nodes)
        share = charges_for(member, address, counters.rates.share(counters.nodes), own)
        found = counters.local.charge(share, cost, int(counters.now() * 1_000_000))
    if found.refused_by is not None:
        LIMITED.labels(found.refused_by.name).inc()
    return found
