"""A list and the page that was asked for in, one of Jira's page shapes out."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from jira_simulator.http.call import Call
from jira_simulator.shapes.view import Json

Entry = TypeVar("Entry")


def asked_page(call: Call, default: int, most: int) -> tuple[int, int]:
    """A page larger than allowed is silently made smaller."""
    return call.number("startAt", 0), min(call.number("maxResults", default), most)


def bean_page(
    call: Call, entries: Sequence[Entry], shape: Callable[[Entry], Any], default: int = 50, most: int = 100
) -> Json:
    """The shape with values, isLast and nextPage."""
    start, size = asked_page(call, default, most)
    url = f"{call.site.base_url}{call.request.url.path}"
    page: Json = {
        "self": f"{url}?maxResults={size}&startAt={start}",
        "maxResults": size,
        "startAt": start,
        "total": len(entries),
        "isLast": start + size >= len(entries),
        "values": [shape(entry) for entry in entries[start : start + size]],
    }
    if not page["isLast"] and size:
        page["nextPage"] = f"{url}?maxResults={size}&startAt={start + size}"
    return page
