"""Ids of a project in the mirror and in Jira's index come in; the ones to ask for by themselves come out."""

from collections.abc import Set as AbstractSet

#: Fewer than these may all go at once: somebody emptied a small project.
_SMALL = 20


def absent_ids(shown: AbstractSet[int], there: AbstractSet[int]) -> list[int] | None:
    """None when half of a project vanished at once: then it is the view that is broken, and nothing is touched."""
    absent = shown - there
    if len(absent) > _SMALL and 2 * len(absent) >= len(shown):
        return None
    return sorted(absent)
