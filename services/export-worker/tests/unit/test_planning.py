"""How a set is cut, and where its parts begin."""

from hypothesis import given
from hypothesis import strategies as st

from export_worker.domain.planning import Chunk, ChunkLimits, first_pages, plan_chunks


@given(
    st.lists(st.integers(min_value=0, max_value=2_000_000), max_size=300),
    st.integers(min_value=1, max_value=50),
    st.integers(min_value=1, max_value=1_000_000),
)
def test_every_issue_is_in_exactly_one_chunk_in_order(costs, issues, cost):
    chunks = plan_chunks(costs, ChunkLimits(issues, cost))
    covered = [ordinal for chunk in chunks for ordinal in range(chunk.first, chunk.last + 1)]
    assert covered == list(range(1, len(costs) + 1))
    assert [chunk.number for chunk in chunks] == list(range(1, len(chunks) + 1))
    for chunk in chunks:
        mine = costs[chunk.first - 1 : chunk.last]
        assert len(mine) <= issues
        assert len(mine) == 1 or sum(mine) <= cost


def test_a_dear_issue_has_a_chunk_of_its_own():
    assert plan_chunks([1, 500, 1, 1], ChunkLimits(10, 100)) == (Chunk(1, 1, 1), Chunk(2, 2, 2), Chunk(3, 3, 4))


def test_no_issue_needs_no_chunk():
    assert plan_chunks([]) == ()


def test_parts_begin_where_the_one_before_ends():
    assert first_pages([2, 0, 3, 1]) == (1, 3, 3, 6)
