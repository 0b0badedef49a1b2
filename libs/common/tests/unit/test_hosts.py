import pytest

from common.web.hosts import is_allowed_host

ALLOWED = ("jira.example.com", ".apps.example.com", "[::1]")


@pytest.mark.parametrize(
    "host",
    [
        "jira.example.com",
        "JIRA.example.com:8443",
        "jira.example.com.",
        "a.apps.example.com",
        "a.b.apps.example.com:80",
        "[::1]:80",
    ],
)
def test_listed_names_are_served_on_any_port(host: str) -> None:
    assert is_allowed_host(host, ALLOWED)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "jira.example.com.evil.example",
        "xjira.example.com",
        "apps.example.com",
        ".apps.example.com",
        "[::2]",
        "@jira.example.com",
        "evil.example/.apps.example.com@x",
    ],
)
def test_everything_else_is_for_somebody_else(host: str) -> None:
    assert not is_allowed_host(host, ALLOWED)
