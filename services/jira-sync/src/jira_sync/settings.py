"""The settings of jira-sync."""

from datetime import timedelta
from typing import Self

from pydantic import Field, HttpUrl, TypeAdapter, model_validator

from common.network.addresses import AddressRules
from common.settings import CryptoSettings, Group, HttpSettings, ServiceSettings
from jira_sync.domain.retrying import RetryPolicy
from jira_sync.outbound.jira.http_jira import JiraLimits


class SyncHttpSettings(HttpSettings):
    """The doors; webhooks of Cloud are up to 25 MB large."""

    max_body: int = Field(26 * 1024 * 1024, ge=1024, description="bytes; a larger request body is 413")


class JiraSettings(Group):
    """How hard and how long one Jira is asked."""

    at_once: int = Field(8, ge=1, le=64, description="calls in flight per connection")
    timeout: timedelta = timedelta(seconds=60)
    connect_timeout: timedelta = timedelta(seconds=10)
    largest_answer: int = Field(64 * 1024 * 1024, ge=1024, description="bytes, after decompression")
    attempts: int = Field(5, ge=1, le=10)
    first_wait: timedelta = Field(timedelta(seconds=2), description="before the second attempt; it doubles")
    longest_wait: timedelta = timedelta(seconds=60)

    def limits(self) -> JiraLimits:
        """For background work, which may be patient."""
        retry = RetryPolicy(self.attempts, self.first_wait, self.longest_wait)
        return JiraLimits(self.at_once, self.timeout, self.connect_timeout, self.largest_answer, retry)

    def interactive_limits(self) -> JiraLimits:
        """For a person who waits: few attempts, short waits."""
        retry = RetryPolicy(2, min(self.first_wait, timedelta(milliseconds=300)), timedelta(seconds=2))
        patience = min(self.timeout, timedelta(seconds=10))
        return JiraLimits(self.at_once, patience, min(self.connect_timeout, patience), self.largest_answer, retry)


class Settings(ServiceSettings):
    """Everything that jira-sync can be told."""

    http: SyncHttpSettings
    crypto: CryptoSettings
    jira: JiraSettings = JiraSettings()
    public_url: str = Field(description="origin under which Jira reaches /webhooks/")
    allowed_inner_hosts: list[str] = Field([], description="names and addresses of inner networks that may be Jiras")
    allowed_ports: list[int] = Field([80, 443, 8080, 8443], description="ports of Jiras outside")
    poll_interval: timedelta = Field(timedelta(seconds=15), description="at most 30 seconds")
    poll_overlap: timedelta = Field(timedelta(minutes=10), description="how far a poll looks back, for a lagging index")
    deep_overlap: timedelta = Field(timedelta(hours=12), description="how far the hourly deep poll looks back")
    lists_interval: timedelta = Field(timedelta(minutes=15), description="how often projects and lists are read anew")
    lease_life: timedelta = Field(timedelta(seconds=15), description="after so long a dead node's work is taken over")
    projects_at_once: int = Field(3, ge=1, le=16, description="of one connection's backfill")
    webhook_attempts: int = Field(8, ge=1, le=50)
    webhooks_kept: timedelta = timedelta(days=7)

    @model_validator(mode="after")
    def _polls_are_frequent(self) -> Self:
        if not timedelta(milliseconds=100) <= self.poll_interval <= timedelta(seconds=30):
            raise ValueError("POLL_INTERVAL must be between 0.1 and 30 seconds")
        if self.poll_overlap < self.poll_interval:
            raise ValueError("POLL_OVERLAP must not be shorter than POLL_INTERVAL")
        TypeAdapter(HttpUrl).validate_python(self.public_url)
        return self

    def address_rules(self) -> AddressRules:
        """Where connections may lead."""
        return AddressRules(frozenset(host.lower() for host in self.allowed_inner_hosts), frozenset(self.allowed_ports))
