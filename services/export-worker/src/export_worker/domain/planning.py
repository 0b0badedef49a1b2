"""How a set of issues is cut: what each costs comes in, runs of neighbours to render together go out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChunkLimits:
    """A chunk is what is lost when a worker dies: small enough to repeat, large enough to be worth an object."""

    issues: int = 10
    cost: int = 400_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """The issues `first` to `last` of the set, both included, counted from 1."""

    number: int
    first: int
    last: int


def plan_chunks(costs: Sequence[int], limits: ChunkLimits = ChunkLimits()) -> tuple[Chunk, ...]:
    """Every issue is in exactly one chunk, in order; one that is dearer than the limit has a chunk of its own."""
    chunks: list[Chunk] = []
    first, spent = 1, 0
    for ordinal, cost in enumerate(costs, 1):
        if ordinal > first and (spent + cost > limits.cost or ordinal - first >= limits.issues):
            chunks.append(Chunk(len(chunks) + 1, first, ordinal - 1))
            first, spent = ordinal, 0
        spent += cost
    if costs:
        chunks.append(Chunk(len(chunks) + 1, first, len(costs)))
    return tuple(chunks)


def first_pages(pages: Sequence[int]) -> tuple[int, ...]:
    """On which page of the whole each part begins, counted from 1."""
    starts, page = [], 1
    for count in pages:
        starts.append(page)
        page += count
    return tuple(starts)
