import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.issues.searching import MAX_WORDS, TextQuery, parse_text, split_key


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("login error", TextQuery(("login",), "error")),
        ("login error ", TextQuery(("login", "error"), None)),
        ("demo-12", TextQuery((), "demo-12", "DEMO-12")),
        ("demo-12 crash", TextQuery(("demo-12",), "crash")),
        ('"quoted", (words)', TextQuery(("quoted",), "words")),
        ("ошибка входа", TextQuery(("ошибка",), "входа")),
        ("  !!! ", TextQuery()),
        ("", TextQuery()),
    ],
)
def test_the_last_word_is_a_prefix_unless_a_space_follows(typed: str, expected: TextQuery) -> None:
    assert parse_text(typed) == expected


@given(st.text(max_size=400))
def test_any_text_becomes_a_bounded_query(typed: str) -> None:
    query = parse_text(typed)
    words = [*query.words, *([query.prefix] if query.prefix else [])]
    assert len(words) <= MAX_WORDS
    assert all(words)
    assert query.is_empty == (not words)


def test_only_whole_keys_are_keys() -> None:
    assert split_key("demo-7") == ("DEMO", 7)
    assert split_key("A2_B-10") == ("A2_B", 10)
    for text in ("demo", "demo-", "-7", "demo-07", "demo-7x", "7-7", "demo-" + "9" * 30):
        assert split_key(text) is None
