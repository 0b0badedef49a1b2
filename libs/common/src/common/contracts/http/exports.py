"""Bodies of /exports: what export-worker takes and answers, and what the gateway answers from the same rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from common.clock import rfc3339
from common.ids import public_id

ExportStatus = Literal[
    "queued", "running", "paused", "finished", "finished_with_gaps", "failed", "cancelled", "expired"
]
Locale = Literal["en", "ru"]
Paper = Literal["a4", "letter"]


def _clean(text: str) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("NUL characters and lone surrogates are not allowed")
    return text


IssueRef = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_clean)
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExportSource(_Request):
    """Which issues: ids (`iss_…`) or keys, in the order of the document. `jql` and `filter` come with the language."""

    issues: list[IssueRef] | None = Field(None, min_length=1, max_length=10_000)
    jql: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_clean)] | None = None
    filter: Annotated[str, StringConstraints(max_length=100), AfterValidator(_clean)] | None = None
    connection: Annotated[str, StringConstraints(max_length=100), AfterValidator(_clean)] | None = Field(
        None, description="decides when a key exists in two connections"
    )


class ExportOptions(_Request):
    """How the document is made."""

    locale: Locale = "en"
    paper: Paper = "a4"


class ExportRequest(_Request):
    """`POST /exports`."""

    source: ExportSource
    format: Literal["pdf"] = "pdf"
    options: ExportOptions = ExportOptions()
    template: Annotated[str, StringConstraints(max_length=100), AfterValidator(_clean)] | None = None


class ContentParameters(BaseModel):
    """`GET /exports/{id}/content?…`."""

    redirect: bool = Field(True, description="false: the bytes come from here, without an address to follow")


class PdfParameters(BaseModel):
    """`GET /issues/{issue}/pdf?…`."""

    connection: str = Field("", description="decides when a key exists in two connections", pattern="^con_")
    locale: Locale = Field("en", description="without it the language of the request")
    paper: Paper = "a4"


class ExportProgress(BaseModel):
    """Issues that are rendered, issues of the set, pages so far."""

    done: int
    total: int
    pages: int


class ExportError(BaseModel):
    """Why an export failed, or what it waits for."""

    code: str
    detail: str


class ExportBody(BaseModel):
    """An export as the API shows it."""

    id: str
    kind: Literal["set", "issue"] = Field(description="issue: asked for by /issues/{issue}/pdf")
    status: ExportStatus
    format: str
    options: ExportOptions
    source: dict[str, Any]
    progress: ExportProgress
    as_of: str | None = Field(description="everything that Jira had then is in it")
    requested_by: str
    created: str
    finished: str | None
    expires_at: str | None
    size: int | None = Field(description="bytes of the result")
    error: ExportError | None
    links: dict[str, str]


class ManifestEntry(BaseModel):
    """One issue of an export: what was exported of it, and what was not, with the reason."""

    issue_id: str
    key: str
    revision: int
    digest: str = Field(description="SHA-256 of the content that was exported")
    page: int | None = Field(description="its first page; null while it is not in the file")
    pages: int | None
    left_out: ExportError | None
    notes: list[ExportError]


class ManifestBody(BaseModel):
    """`GET /exports/{id}/manifest`."""

    id: str
    status: ExportStatus
    requested_by: str
    created: str
    as_of: str | None
    format: str
    options: ExportOptions
    sha256: str | None = Field(description="of the result")
    items: list[ManifestEntry]


#: The columns of exports.jobs that `export_body` reads.
JOB_COLUMNS = (
    "export_id",
    "kind",
    "requested_by",
    "source",
    "format",
    "locale",
    "paper",
    "status",
    "total",
    "done",
    "pages",
    "as_of",
    "created_at",
    "finished_at",
    "expires_at",
    "error_code",
    "error_detail",
    "content_size",
)


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _links(export: str, status: str) -> dict[str, str]:
    path = f"/api/v1/exports/{export}"
    links = {"self": path, "manifest": f"{path}/manifest"}
    if status in ("finished", "finished_with_gaps"):
        links["content"] = f"{path}/content"
    if status in ("failed", "paused"):
        links["resume"] = f"{path}/resume"
    return links


def export_body(job: Mapping[str, Any], *, source: Mapping[str, Any]) -> ExportBody:
    """A row of exports.jobs (the columns of `JOB_COLUMNS`) as the API shows it; `source` is its parsed JSON."""
    export = public_id("exp", job["export_id"])
    code = job["error_code"]
    return ExportBody(
        id=export,
        kind=job["kind"],
        status=job["status"],
        format=job["format"],
        options=ExportOptions(locale=job["locale"], paper=job["paper"]),
        source=dict(source),
        progress=ExportProgress(done=job["done"], total=job["total"], pages=job["pages"]),
        as_of=_time(job["as_of"]),
        requested_by=public_id("usr", job["requested_by"]),
        created=rfc3339(job["created_at"]),
        finished=_time(job["finished_at"]),
        expires_at=_time(job["expires_at"]),
        size=job["content_size"],
        error=None if code is None else ExportError(code=code, detail=job["error_detail"] or code),
        links=_links(export, job["status"]),
    )
