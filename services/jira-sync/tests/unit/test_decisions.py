"""Pure decisions: when to try again, what to fetch, what a delivery makes us look at, where we may connect."""

import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime, timedelta

import pytest

from common.network.addresses import (
    AddressRules,
    ForbiddenAddress,
    InvalidAddress,
    check_address,
    check_target,
    normalise,
)
from jira_sync.domain.census import absent_ids
from jira_sync.domain.hooks import hint_of
from jira_sync.domain.pacing import phase_after_failure, rest_after_failure
from jira_sync.domain.polling import Seen, next_watermark, poll_from, to_fetch
from jira_sync.domain.retrying import Failure, RetryPolicy, next_wait, parse_retry_after
from jira_sync.domain.signatures import is_signed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICY = RetryPolicy(attempts=5, first_wait=timedelta(seconds=2), longest_wait=timedelta(seconds=60))


def wait(status: int | None, retry_after: str | None = None, attempt: int = 1) -> timedelta | None:
    return next_wait(Failure(status, retry_after, attempt), POLICY, now=NOW, jitter=1.0)


@pytest.mark.parametrize("given", ["0", "-5", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT", None])
def test_retry_after_that_says_nothing_falls_back_to_growing_waits(given):
    assert [wait(429, given, attempt) for attempt in (1, 2, 3)] == [timedelta(seconds=n) for n in (2, 4, 8)]


def test_retry_after_is_a_floor_in_seconds_or_as_a_date():
    assert wait(429, "10") == timedelta(seconds=10)
    assert wait(503, "Mon, 23 Nov 2026 12:00:30 GMT") == timedelta(seconds=30)
    assert wait(429, "1", attempt=4) == timedelta(seconds=16)


def test_an_hour_is_not_waited_inside_a_call():
    assert wait(429, "3600") is None
    assert parse_retry_after("999999999999", NOW) == timedelta(days=1)


def test_only_what_may_mend_itself_is_tried_again_and_not_for_ever():
    assert [wait(status) for status in (400, 401, 403, 404, 410)] == [None] * 5
    assert wait(None) == timedelta(seconds=2)
    assert wait(502, attempt=5) is None


def test_poll_fetches_only_what_the_mirror_does_not_have():
    seen = [Seen(3, NOW), Seen(1, NOW), Seen(2, NOW), Seen(3, NOW)]
    mirrored = {1: NOW, 2: NOW - timedelta(milliseconds=1)}
    assert to_fetch(seen, mirrored) == [2, 3]
    assert to_fetch([Seen(1, NOW)], {1: NOW + timedelta(seconds=1)}) == []


def test_watermark_never_goes_back_and_polls_overlap_in_jiras_time():
    assert next_watermark(NOW, started=NOW - timedelta(minutes=1)) == NOW
    since = poll_from(NOW, overlap=timedelta(minutes=10), skew=timedelta(minutes=-3))
    assert since == NOW - timedelta(minutes=13)


def test_refusals_degrade_first_and_fail_when_they_last():
    assert [phase_after_failure("jira.wrong_credentials", n) for n in (1, 2, 3)] == ["degraded", "degraded", "failed"]
    assert phase_after_failure("jira.unreachable", 99) == "degraded"
    assert rest_after_failure(1, asked=timedelta(hours=5)) == timedelta(minutes=2)
    assert rest_after_failure(20, asked=None) == timedelta(seconds=30)


HOOKS = [
    ({"webhookEvent": "jira:issue_updated", "issue": {"id": "10"}}, {10}),
    ({"webhookEvent": "comment_created", "comment": {"self": "https://x/rest/api/2/issue/12/comment/3"}}, {12}),
    ({"webhookEvent": "worklog_updated", "worklog": {"issueId": "13"}}, {13}),
    ({"webhookEvent": "issuelink_created", "issueLink": {"sourceIssueId": 1, "destinationIssueId": 2}}, {1, 2}),
    ({"webhookEvent": "project_deleted", "project": {"id": 5}}, set()),
    ({"issue": {"id": "10; DROP"}}, set()),
    ({"issue": None, "comment": None}, set()),
]


@pytest.mark.parametrize(("body", "wanted"), HOOKS)
def test_a_delivery_only_names_what_to_look_at(body, wanted):
    assert hint_of(body).issues == wanted


def test_events_of_lists_refresh_the_catalogue():
    for event in ("project_deleted", "jira:version_released", "sprint_started", "user_updated"):
        assert hint_of({"webhookEvent": event}).catalogue
    assert not hint_of({"webhookEvent": "jira:issue_updated"}).catalogue


def test_signature_is_atlassians_test_vector():
    header = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert is_signed(b"Hello World!", header, "It's a Secret to Everybody")
    assert not is_signed(b"Hello World?", header, "It's a Secret to Everybody")
    weak = hmac.new(b"s", b"x", hashlib.sha1).hexdigest()
    assert not is_signed(b"x", f"sha1={weak}", "s")
    assert not is_signed(b"x", None, "s")
    assert not is_signed(b"x", "sha256=ü", "s")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("HTTPS://Jira.Example.COM:443/", "https://jira.example.com"),
        ("jira.example.com/jira/secure/Dashboard.jspa", "https://jira.example.com/jira"),
        ("http://127.0.0.1:8005/", "http://127.0.0.1:8005"),
        ("http://[::1]:80/x?y#z", "http://[::1]/x"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_addresses_are_normalised(given, wanted):
    assert normalise(given) == wanted
    assert normalise(wanted) == wanted


@pytest.mark.parametrize(
    "given", ["ftp://x", "http://", "http://a:b@x", "http://x:99999", "http://a b", "https://x/../y"]
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(InvalidAddress):
        normalise(given)


INNER = (
    *("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),  # noqa: S104
    *("::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"),
)


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_refused_unless_the_operator_names_them(address):
    parsed = ipaddress.ip_address(address)
    with pytest.raises(ForbiddenAddress):
        check_address("jira.example.com", parsed, AddressRules())
    check_address("jira.example.com", parsed, AddressRules(frozenset({str(parsed)})))
    check_address("jira.inner", parsed, AddressRules(frozenset({"jira.inner"})))


def test_public_addresses_and_only_known_ports_are_let_through():
    check_address("x", ipaddress.ip_address("93.184.216.34"), AddressRules())
    check_target("https://jira.example.com", AddressRules())
    with pytest.raises(ForbiddenAddress):
        check_target("http://jira.example.com:6379", AddressRules())


def test_what_the_index_does_not_know_is_asked_for_unless_half_a_project_vanished():
    assert absent_ids({1, 2, 3}, {2, 9}) == [1, 3]
    assert absent_ids(set(range(30)), set()) is None
    assert absent_ids(set(range(100)), set(range(30, 100))) == list(range(30))
