"""The notifier's settings; read from the environment once."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Limits and times of connections and of the history."""

    allowed_origins: list[str] = Field(
        default_factory=list, description="exact origins of browser apps, for all tenants"
    )
    history_ttl: timedelta = Field(timedelta(minutes=10), description="how long a client may be away without loss")
    history_cap: int = Field(300, ge=1, description="publications per channel that a recovery may bring")
    history_max_bytes: int = Field(64 * 1024 * 1024, ge=1024 * 1024, description="for each of the feeds")
    gap_patience: timedelta = Field(timedelta(seconds=2), description="how long a missing position holds others back")
    queue_max_bytes: int = Field(512 * 1024, ge=16 * 1024, description="what one client may be owed")
    queue_max_age: timedelta = timedelta(seconds=10)
    max_command_bytes: int = Field(64 * 1024, ge=1024)
    channels_per_client: int = Field(128, ge=1)
    max_connections: int = Field(10_000, ge=1, description="of this node")
    connections_per_tenant: int = Field(5_000, ge=1, description="of one tenant on this node")
    connect_rate: float = Field(1_000, gt=0, description="new connections per second; more are asked to wait")
    connect_burst: float = Field(2_000, ge=1)
    ping_seconds: int = Field(25, ge=1)
    pong_seconds: int = Field(8, ge=1)
    connect_seconds: int = Field(10, ge=1, description="for the first command")
    token_grace_seconds: int = Field(25, ge=1, description="for a refresh after the token's end")
    drain: timedelta = Field(timedelta(seconds=5), description="over which a stopping node sends its clients away")

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.pong_seconds >= self.ping_seconds:
            raise ValueError("PONG_SECONDS has to be below PING_SECONDS")
        if self.drain >= self.http.graceful_timeout:
            raise ValueError("DRAIN has to be below HTTP__GRACEFUL_TIMEOUT")
        return self
