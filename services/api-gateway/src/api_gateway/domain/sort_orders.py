"""`sort=` as a text becomes the order of a list."""

from common.issues.ordering import DEFAULT_ORDER, SORTABLE, SortKey

MAX_KEYS = 4


def parse_order(text: str | None) -> tuple[SortKey, ...]:
    """`-updated,key`; a leading minus is descending; raises ValueError naming what can be sorted by."""
    if text is None:
        return DEFAULT_ORDER
    keys = tuple(_key(part.strip()) for part in text.split(","))
    if len(keys) > MAX_KEYS:
        raise ValueError(f"at most {MAX_KEYS} sort keys")
    if len({key.name for key in keys}) < len(keys):
        raise ValueError("a sort key stands there twice")
    return keys


def _key(text: str) -> SortKey:
    name = text.removeprefix("-").removeprefix("+")
    if name not in SORTABLE:
        raise ValueError(f"can sort by {', '.join(sorted(SORTABLE))}, each with - before it for descending")
    return SortKey(name, descending=text.startswith("-"))
