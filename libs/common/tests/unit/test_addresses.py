"""Addresses that no client of ours could call are refused before it is tried."""

import pytest

from common.network.addresses import InvalidAddress, normalise


@pytest.mark.parametrize(
    "text",
    ["https://jira\x1e.example.com", "https://a<b", "https://jira.example.com/a\x00b", "https://ji\u200bra", "x y"],
)
def test_what_cannot_be_called_is_no_address(text: str) -> None:
    with pytest.raises(InvalidAddress):
        normalise(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("HTTPS://Jira.Example.com:443/jira/", "https://jira.example.com/jira"),
        ("http://jira_dc:8080", "http://jira_dc:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://пример.example.com", "https://xn--e1afmkfd.example.com"),
    ],
)
def test_what_people_type_becomes_one_form(text: str, address: str) -> None:
    assert normalise(text) == address
