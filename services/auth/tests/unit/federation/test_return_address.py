"""No open redirect: where a browser may go after a sign-in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.federation.domain.errors import ReturnAddressRefused
from auth.federation.domain.return_address import checked_return_address, origin_of

OWN = "https://je.example.com"
ALLOWED = {"https://app.example.com", "http://localhost:3000"}


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ("/", "https://je.example.com/"),
        ("/board?x=//evil", "https://je.example.com/board?x=//evil"),
        ("https://je.example.com/a", "https://je.example.com/a"),
        ("https://app.example.com", "https://app.example.com"),
        ("https://APP.example.com:443/a#b", "https://APP.example.com:443/a#b"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
    ],
)
def test_paths_and_allowed_origins_may_be_opened(wish, place):
    assert checked_return_address(wish, OWN, ALLOWED) == place


@pytest.mark.parametrize(
    "wish",
    [
        "",
        "board",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        " https://app.example.com",
        "https://app.example.com\r\nSet-Cookie: a=b",
        "https://app.example.com.evil.test",
        "https://app.example.com@evil.test",
        "https://user:password@app.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://localhost:3000",
        "javascript:alert(1)//https://app.example.com",
        "data:text/html,x",
        "https:evil.test",
        "https:///evil.test",
        "https://еvil.test",
        "https://[::1",
        "https://app.example.com:99999",
        "/" + "a" * 1000,
    ],
)
def test_nothing_else_may_be_opened(wish):
    with pytest.raises(ReturnAddressRefused):
        checked_return_address(wish, OWN, ALLOWED)


@given(st.text(alphabet="/\\:.@?#htps evilapxmcom\t\r\n%0123", max_size=40))
def test_whatever_is_let_through_stays_at_an_allowed_origin(wish):
    try:
        place = checked_return_address(wish, OWN, ALLOWED)
    except ReturnAddressRefused:
        return
    assert origin_of(place) in {origin_of(OWN), *ALLOWED}
