"""What a request costs and in which lane it waits; declared beside each route, shown in the API description."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

COST, LANE = "x-cost", "x-lane"


class Lane(StrEnum):
    """Requests that wait for the same thing are counted together: a long download takes no place from a read."""

    OWN = "own"  # the gateway's own processor and database
    FORWARDED = "forwarded"  # another service
    STREAM = "stream"  # files, until their last byte


@dataclass(frozen=True, slots=True)
class Price:
    """The cost counts against the rate limits."""

    cost: int = 1
    lane: Lane = Lane.OWN


@dataclass(frozen=True, slots=True)
class PricedRoute:
    """A route with its compiled pattern."""

    method: str
    path: str
    pattern: re.Pattern[str]
    price: Price


def priced(cost: int = 1, lane: Lane = Lane.OWN) -> dict[str, Any]:
    """What a route gets as `openapi_extra`."""
    return {COST: cost, LANE: lane.value}


def price_of(extra: Mapping[str, Any] | None) -> Price:
    """The price that stands in a route's `openapi_extra`."""
    found = extra or {}
    return Price(int(found.get(COST, 1)), Lane(found.get(LANE, Lane.OWN)))


class PriceList:
    """Finds the price before the request is routed, among the few routes that have its method and its shape."""

    def __init__(self, routes: Iterable[PricedRoute]) -> None:
        self._by_shape: dict[tuple[str, int, str], list[PricedRoute]] = {}
        for route in routes:
            if route.price != Price():
                self._by_shape.setdefault(_shape(route.method, route.path), []).append(route)

    def of(self, method: str, path: str) -> Price:
        """The price of a request; what is not listed costs 1."""
        method = "GET" if method == "HEAD" else method
        for route in self._by_shape.get(_shape(method, path), ()):
            if route.pattern.fullmatch(path):
                return route.price
        return Price()


def _shape(method: str, path: str) -> tuple[str, int, str]:
    """Method, number of segments, and what the path is about: `/api/v1/issues/…` → `issues`."""
    parts = path.split("/")
    return method, len(parts), parts[3] if len(parts) > 3 else parts[1]
