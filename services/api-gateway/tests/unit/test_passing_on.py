"""What of a client's headers goes on to an owner."""

from api_gateway.outbound.peers import passed_on


def test_only_named_headers_go_on() -> None:
    given = {"authorization": "Bearer a", "cookie": "a=b", "x-forwarded-for": "9.9.9.9", "range": "bytes=0-1"}
    assert passed_on(given) == {"authorization": "Bearer a", "range": "bytes=0-1"}


def test_blanks_around_a_value_are_no_part_of_it() -> None:
    """Our client refuses to send them, and a request without a token would be answered with 500."""
    assert passed_on({"authorization": "Bearer "}) == {"authorization": "Bearer"}
