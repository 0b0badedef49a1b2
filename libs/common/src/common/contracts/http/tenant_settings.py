"""A tenant and its settings as the API speaks of them: JSON in, checked values out; every value has a default."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from common.contracts.http.auth import Name, Slug, Time
from common.contracts.http.request_model import RequestModel, ResponseModel

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _origin(text: str) -> str:
    """The form in which a browser sends it; plain http is for a developer's own machine only."""
    parts = urlsplit(text.strip().lower())
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port is no number") from None
    rest = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or rest or not parts.hostname:
        raise ValueError("an origin is https://host or https://host:port and nothing else")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise ValueError("an origin begins with https://")
    if ":" not in parts.hostname and ("*" in parts.hostname or not _HOST.fullmatch(parts.hostname)):
        raise ValueError("this is no name of a host (write other alphabets in their xn-- form)")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _host(text: str) -> str:
    name = text.strip().lower().rstrip(".")
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise ValueError("write a host such as jira.example.com, or *.example.com for all below it")
    return name


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("one line of printable text")
    return text


def _each_once(items: list[str]) -> list[str]:
    return sorted(set(items))


Origin = Annotated[str, Field(max_length=300), AfterValidator(_origin)]
HostPattern = Annotated[str, Field(max_length=253), AfterValidator(_host)]
Origins = Annotated[list[Origin], Field(max_length=50), AfterValidator(_each_once)]
Hosts = Annotated[list[HostPattern], Field(max_length=50), AfterValidator(_each_once)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$"), AfterValidator(str.lower)]
Days = Annotated[int, Field(ge=1, le=3_650, strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SessionSettings(_Part):
    """A session ends when it was not used for `idle_days`, and in any case after `life_days`."""

    idle_days: Days = 14
    life_days: Days = 90

    @model_validator(mode="after")
    def _idle_within_life(self) -> "SessionSettings":
        if self.idle_days > self.life_days:
            raise ValueError("idle_days must not be longer than life_days")
        return self


class RetentionSettings(_Part):
    """How long files of exports and entries of the audit log are kept."""

    exports_days: Days | None = None  # null = as long as the operator keeps them
    audit_days: Annotated[int, Field(ge=30, le=3650, strict=True)] = 365  # nobody clears his tracks within a month


class LimitSettings(_Part):
    """Lower limits than the operator's; null is the operator's own."""

    requests_per_minute: Annotated[int, Field(ge=60, le=1_000_000, strict=True)] | None = None
    concurrent_requests: Annotated[int, Field(ge=2, le=10_000, strict=True)] | None = None


class BrandingSettings(_Part):
    """What documents carry: a name above, a colour, a line below."""

    display_name: Line | None = None
    colour: Colour | None = None
    footer: Line | None = None


class ApiTokenSettings(_Part):
    """The longest life of an API token, and whether owners may make one without an end."""

    max_days: Days = 365
    unlimited_by_owner: bool = True


class TenantSettings(_Part):
    """All settings of a tenant."""

    sessions: SessionSettings = SessionSettings()
    cors_origins: Origins = []
    #: Hosts that connections may lead to; null is any that the operator's network rules let through.
    allowed_jira_hosts: Hosts | None = None
    retention: RetentionSettings = RetentionSettings()
    limits: LimitSettings = LimitSettings()
    branding: BrandingSettings = BrandingSettings()
    api_tokens: ApiTokenSettings = ApiTokenSettings()
    week_starts: Literal["monday", "sunday"] = "monday"

    def allows_jira_host(self, host: str) -> bool:
        """Whether a connection may lead to this host."""
        if self.allowed_jira_hosts is None:
            return True
        name = host.lower().rstrip(".")
        return any(
            name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
            for pattern in self.allowed_jira_hosts
        )


class TenantChange(RequestModel):
    """A merge patch: what is absent stays, and null takes a value back where one may be missing.

    The settings are checked as a whole after the merge, so that no pair of values contradicts itself.
    """

    name: Name | None = None
    slug: Slug | None = None
    settings: dict[str, Any] | None = Field(None, max_length=20)


class OwnTenant(ResponseModel):
    """The caller's tenant; `version` is what `If-Match` takes."""

    id: str
    name: str
    slug: str
    created: Time
    version: int
    settings: TenantSettings


class SettingChange(ResponseModel):
    """One value before and after; the path is dotted (`retention.audit_days`)."""

    path: str
    before: Any
    after: Any


class SettingsVersion(ResponseModel):
    """One version: who made it, when, and what it changed."""

    version: int
    at: Time
    by: str | None
    changes: list[SettingChange]


class SettingsVersionList(ResponseModel):
    items: list[SettingsVersion]
    next_cursor: str | None
