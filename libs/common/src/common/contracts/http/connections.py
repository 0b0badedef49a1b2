"""Bodies of /connections: what jira-sync takes and answers, and what the gateway answers from the same rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from common.clock import rfc3339
from common.contracts.http.grants import GrantRequest
from common.ids import public_id

Phase = Literal["awaiting_consent", "connecting", "backfilling", "live", "degraded", "paused", "failed"]
Deployment = Literal["cloud", "datacenter"]


def _clean(text: str) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("NUL characters and lone surrogates are not allowed")
    return text


def _clean_secret(secret: SecretStr) -> SecretStr:
    text = _clean(secret.get_secret_value())
    if not 1 <= len(text) <= 4096 or any(char in text for char in "\r\n"):
        raise ValueError("a secret has 1 to 4096 characters and no line breaks")
    return secret


def _in_a_header(secret: SecretStr) -> SecretStr:
    if not all("!" <= char <= "~" for char in secret.get_secret_value()):
        raise ValueError("a token holds visible ASCII characters only")
    return secret


def _account(text: str) -> str:
    if ":" in text:
        raise ValueError("a colon cannot stand in a user name of Basic authentication")
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_clean)]
Account = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=320),
    AfterValidator(_clean),
    AfterValidator(_account),
]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_clean)
]
ProjectKey = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_clean)]
Secret = Annotated[SecretStr, AfterValidator(_clean_secret)]
BearerSecret = Annotated[Secret, AfterValidator(_in_a_header)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BasicAuth(_Request):
    """User and password of a Data Center account."""

    method: Literal["basic"]
    username: Account
    password: Secret


class ApiTokenAuth(_Request):
    """E-mail and API token of a Cloud account."""

    method: Literal["api_token"]
    email: Account
    token: Secret


class PatAuth(_Request):
    """A personal access token of a Data Center account."""

    method: Literal["pat"]
    token: BearerSecret


AuthRequest = Annotated[BasicAuth | ApiTokenAuth | PatAuth, Field(discriminator="method")]


class ConnectionScope(_Request):
    """Which projects are mirrored, by key; null means all that the account sees."""

    projects: list[ProjectKey] | None = Field(None, min_length=1, max_length=1000)


class ConnectionRequest(_Request):
    """`POST /connections`."""

    name: Name
    base_url: Address
    deployment: Literal["auto", "cloud", "datacenter"] = "auto"
    auth: AuthRequest
    scope: ConnectionScope | None = None
    grants: list[GrantRequest] | None = Field(
        None,
        max_length=1000,
        description="who may see what; without it owners and admins see all of it, others nothing",
    )


class ConnectionPatch(_Request):
    """`PATCH /connections/{id}`: what is absent stays."""

    name: Name | None = None
    auth: AuthRequest | None = None
    scope: ConnectionScope | None = None
    paused: bool | None = None


class ConnectionAuthBody(BaseModel):
    """How a connection signs in; secrets never come back."""

    method: str
    account: str


class ConnectionBody(BaseModel):
    """A connection as the API shows it."""

    id: str
    name: str
    base_url: str
    deployment: Deployment
    auth: ConnectionAuthBody
    scope: ConnectionScope
    phase: Phase
    created: str
    links: dict[str, str]


class SyncProgress(BaseModel):
    """Issues stored, and issues that Jira said it has (null = not known yet)."""

    done: int
    total: int | None


class SyncError(BaseModel):
    """What went wrong last, by a stable code."""

    code: str
    detail: str
    at: str


class WebhookState(BaseModel):
    """Where Jira delivers to, and when it last did."""

    url: str | None
    secret_set: bool
    registered: bool
    last_received_at: str | None


class SyncStateBody(BaseModel):
    """`GET /connections/{id}/sync`."""

    phase: Phase
    progress: SyncProgress | None = Field(description="null for who sees only some of its projects")
    complete_as_of: str | None = Field(description="everything that Jira showed then is in the mirror")
    freshness_seconds: float | None
    last_error: SyncError | None
    budget: dict[str, Any] | None = Field(description="what Jira last said about its limits")
    webhook: WebhookState


class ConnectionTestBody(BaseModel):
    """`POST /connections/{id}/test`: what Jira answers to the stored credentials right now."""

    ok: bool
    deployment: Deployment | None
    version: str | None
    account: str | None
    error: SyncError | None


#: The columns of jira.connections that `connection_body` and `sync_state_body` read.
CONNECTION_COLUMNS = (
    "connection_id",
    "name",
    "base_url",
    "deployment",
    "auth_method",
    "account",
    "scope_projects",
    "phase",
    "progress_done",
    "progress_total",
    "complete_as_of",
    "last_error",
    "budget",
    "webhook_url",
    "webhook_registered",
    "webhook_last_received_at",
    "created_at",
)


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def connection_body(row: Mapping[str, Any]) -> ConnectionBody:
    """A row of jira.connections as the API shows it."""
    name = public_id("con", row["connection_id"])
    place = f"/api/v1/connections/{name}"
    return ConnectionBody(
        id=name,
        name=row["name"],
        base_url=row["base_url"],
        deployment=row["deployment"],
        auth=ConnectionAuthBody(method=row["auth_method"], account=row["account"]),
        scope=ConnectionScope(projects=row["scope_projects"]),
        phase=row["phase"],
        created=rfc3339(row["created_at"]),
        links={"self": place, "sync": f"{place}/sync", "projects": f"{place}/projects"},
    )


def sync_state_body(row: Mapping[str, Any], *, now: datetime) -> SyncStateBody:
    """A row of jira.connections as a sync state."""
    as_of = row["complete_as_of"]
    return SyncStateBody(
        phase=row["phase"],
        progress=SyncProgress(done=row["progress_done"], total=row["progress_total"]),
        complete_as_of=_time(as_of),
        freshness_seconds=None if as_of is None else round(max(0.0, (now - as_of).total_seconds()), 3),
        last_error=SyncError(**row["last_error"]) if row["last_error"] else None,
        budget=row["budget"],
        webhook=WebhookState(
            url=row["webhook_url"],
            secret_set=True,
            registered=row["webhook_registered"],
            last_received_at=_time(row["webhook_last_received_at"]),
        ),
    )
