"""The settings of export-worker, read from the environment."""

from datetime import timedelta
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from common.settings import Group, S3Settings, ServiceSettings


class PeersSettings(Group):
    """Where the other services are."""

    # Deployments give all services the same addresses; what one does not call is none of its business.
    model_config = ConfigDict(frozen=True, extra="ignore")

    jira_sync_url: str


class ExportSettings(Group):
    """How exports are made, and for how long they are kept."""

    workers: int = Field(2, ge=1, le=64, description="steps that one node works on at the same time")
    max_issues: int = Field(1_000, ge=1, le=20_000, description="issues in one export")
    chunk_issues: int = Field(10, ge=1, le=200, description="issues rendered in one step")
    lease: timedelta = Field(timedelta(seconds=15), description="a step of a worker that fell silent is free again")
    heartbeat: timedelta = timedelta(seconds=1.5)
    idle_poll: timedelta = Field(timedelta(seconds=1), description="the timer that finds work without a message")
    kafka_grace: timedelta = Field(timedelta(seconds=5), description="an export starts without its message after this")
    patience: timedelta = Field(timedelta(minutes=30), description="how long an export waits for a part that is away")
    render_timeout: timedelta = Field(timedelta(minutes=2), description="for one issue")
    render_memory: int = Field(3 * 1024**3, ge=500_000_000, description="address space of a rendering process")
    image_bytes: int = Field(15_000_000, ge=1, description="of one image of an issue")
    images_bytes: int = Field(60_000_000, ge=1, description="of all images of an issue together")
    images_timeout: timedelta = Field(timedelta(seconds=20), description="for fetching all images of an issue")
    retention: timedelta = timedelta(days=7)
    sweep_every: timedelta = timedelta(seconds=30)
    download_ttl: timedelta = Field(timedelta(minutes=5), description="how long a presigned address works")
    pdf_wait: timedelta = Field(timedelta(seconds=25), description="how long /issues/{issue}/pdf waits for the worker")
    gaps_reuse: timedelta = Field(timedelta(minutes=1), description="a document with gaps is made anew after this")

    @model_validator(mode="after")
    def _heartbeats_fit_into_the_lease(self) -> Self:
        if self.heartbeat * 3 > self.lease:
            raise ValueError("EXPORTS__LEASE must be at least three times EXPORTS__HEARTBEAT")
        return self


class Settings(ServiceSettings):
    """Everything export-worker reads."""

    s3: S3Settings
    peers: PeersSettings
    exports: ExportSettings = ExportSettings()
