"""Bodies and the names around them come in, their HTML and text go out, from the cache where it has them."""

import asyncio
from collections.abc import Sequence

import orjson

from api_gateway.app import App
from api_gateway.domain.bodies import Rendered, StoredBody, Surroundings, render, rendering_address
from api_gateway.metrics import BODIES
from common.ids import TenantId

#: Longer texts are rendered in a thread, so that they do not hold up other requests.
_LONG = 16_384


async def render_bodies(
    bodies: Sequence[StoredBody], surroundings: Surroundings, *, tenant: TenantId, app: App
) -> list[Rendered]:
    """In the order given; asks the cache once for all of them."""
    if not bodies:
        return []
    around = surroundings.fingerprint()
    addresses = [rendering_address(body, around) for body in bodies]
    found = await app.bodies.get_many(tenant, addresses)
    out: list[Rendered] = []
    fresh: dict[str, bytes] = {}
    for body, address, known in zip(bodies, addresses, found, strict=True):
        rendered = None if known is None else _read(known)
        if rendered is None:
            rendered = await _rendered(body, surroundings)
            fresh[address] = orjson.dumps([rendered.html, rendered.text])
        out.append(rendered)
    BODIES.labels("rendered").inc(len(fresh))
    BODIES.labels("cache").inc(len(bodies) - len(fresh))
    await app.bodies.put_many(tenant, fresh)
    return out


async def _rendered(body: StoredBody, surroundings: Surroundings) -> Rendered:
    size = len(body.raw) if isinstance(body.raw, str) else len(orjson.dumps(body.raw))
    if size < _LONG:
        return render(body, surroundings)
    return await asyncio.to_thread(render, body, surroundings)


def _read(known: bytes) -> Rendered | None:
    try:
        html, text = orjson.loads(known)
    except (ValueError, TypeError):
        return None
    return Rendered(html, text)
