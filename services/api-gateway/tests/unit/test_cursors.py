from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.domain.cursors import LIFETIME, CursorExpired, CursorSigner, InvalidCursor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIGNER = CursorSigner(b"k" * 32)
POSITIONS = st.lists(st.none() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=6)


@given(position=POSITIONS, question=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_position_survives_its_cursor(position: list[object], question: str) -> None:
    cursor = SIGNER.write(position, bound_to=question, now=NOW)
    assert SIGNER.read(cursor, bound_to=question, now=NOW) == position


@given(position=POSITIONS, place=st.integers(0), bit=st.integers(0, 7))
def test_an_altered_cursor_is_refused(position: list[object], place: int, bit: int) -> None:
    cursor = SIGNER.write(position, bound_to="q", now=NOW)
    raw = bytearray(cursor.encode())
    raw[place % len(raw)] ^= 1 << bit
    altered = raw.decode("latin-1")
    try:
        found = SIGNER.read(altered, bound_to="q", now=NOW)
    except InvalidCursor:
        return
    # The last character of base64 carries bits that no byte uses, so a change of those changes nothing.
    assert found == position
    assert place % len(raw) == len(raw) - 1


@given(st.text(max_size=200))
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.read(text, bound_to="q", now=NOW)


def test_a_cursor_is_bound_to_its_question_its_secret_and_a_day() -> None:
    cursor = SIGNER.write([1], bound_to="q", now=NOW)
    with pytest.raises(InvalidCursor):
        SIGNER.read(cursor, bound_to="other", now=NOW)
    with pytest.raises(InvalidCursor):
        CursorSigner(b"x" * 32).read(cursor, bound_to="q", now=NOW)
    assert SIGNER.read(cursor, bound_to="q", now=NOW + LIFETIME - timedelta(seconds=1)) == [1]
    with pytest.raises(CursorExpired):
        SIGNER.read(cursor, bound_to="q", now=NOW + LIFETIME)
