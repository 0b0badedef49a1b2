"""Rate limits and webhook signatures, against the figures of the documentation."""

from jira_simulator.http.limits import RateLimits
from jira_simulator.webhooks.signature import hub_signature


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_signature_matches_the_published_vector():
    assert hub_signature("It's a Secret to Everybody", b"Hello World!") == (
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    )


def test_a_burst_is_stopped_with_the_documented_headers_and_flows_again():
    clock = Seconds()
    limits = RateLimits(cloud=True, clock=clock)
    for _ in range(100):
        assert limits.ask("a", "GET", "/rest/api/3/field", None).allowed
    refused = limits.ask("a", "GET", "/rest/api/3/field", None)
    assert not refused.allowed
    assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["X-RateLimit-NearLimit"] == "true"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert limits.ask("a", "GET", "/rest/api/3/status", None).allowed
    clock.now += 0.5
    assert limits.ask("a", "GET", "/rest/api/3/field", None).allowed


def test_one_issue_takes_twenty_writes_in_two_seconds():
    clock = Seconds()
    limits = RateLimits(cloud=True, clock=clock)
    verdicts = [limits.ask("a", "PUT", "/rest/api/3/issue/{issue}", "SHOP-1") for _ in range(21)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 20 + [False]
    assert verdicts[-1].headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert limits.ask("a", "PUT", "/rest/api/3/issue/{issue}", "SHOP-2").allowed
    clock.now += 2.1
    assert limits.ask("a", "PUT", "/rest/api/3/issue/{issue}", "SHOP-1").allowed


def test_data_center_has_one_bucket_for_each_user_and_says_zero_while_tokens_remain():
    limits = RateLimits(cloud=False, clock=Seconds())
    first = limits.ask("a", "GET", "/rest/api/2/field", None)
    assert first.headers["Retry-After"] == "0"
    assert {"X-RateLimit-Interval-Seconds", "X-RateLimit-FillRate"} <= set(first.headers)
    for _ in range(199):
        assert limits.ask("a", "GET", "/rest/api/2/search", None).allowed
    assert not limits.ask("a", "GET", "/rest/api/2/search", None).allowed
    assert limits.ask("b", "GET", "/rest/api/2/search", None).allowed
