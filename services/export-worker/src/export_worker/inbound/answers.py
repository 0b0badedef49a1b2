"""Jobs and files as HTTP answers."""

from fastapi import Response
from fastapi.responses import StreamingResponse

from common.clock import rfc3339
from common.contracts.http.exports import export_body
from common.db.idempotency import KeptAnswer
from common.ids import public_id
from export_worker.app import App
from export_worker.outbound.object_storage import disposition
from export_worker.store.jobs import JobRow

_JSON = "application/json"


def kept(answer: KeptAnswer) -> Response:
    """An answer that the same Idempotency-Key gets again."""
    headers = {} if answer.location is None else {"Location": answer.location}
    return Response(answer.body, answer.status, media_type=_JSON, headers=headers)


def state(job: JobRow, *, status: int = 200, applied: str | None = None) -> Response:
    """Where an export stands; 202 says where to look again."""
    headers = {"Cache-Control": "no-store", "Location": f"/api/v1/exports/{public_id('exp', job['export_id'])}"}
    if applied is not None:
        headers["Preference-Applied"] = applied
    body = export_body(job, source=job["source"])
    return Response(body.model_dump_json(), status, media_type=_JSON, headers=headers)


def file_headers(job: JobRow, *, inline: bool) -> dict[str, str]:
    """What goes with the bytes of a result: private, checked again at each use, never guessed at."""
    shown = disposition(job["file_name"])
    headers = {
        "Content-Disposition": shown.replace("attachment", "inline", 1) if inline else shown,
        "Cache-Control": "private, no-cache",
        "ETag": etag(job),
        "Content-Language": job["locale"],
        "X-Content-Type-Options": "nosniff",
    }
    if job["as_of"] is not None:
        headers["X-Data-As-Of"] = rfc3339(job["as_of"])
    return headers


def etag(job: JobRow) -> str:
    """By the bytes themselves."""
    return f'"{job["content_sha256"]}"'


def matches(if_none_match: str | None, job: JobRow) -> bool:
    """Whether the client has these bytes already."""
    given = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return "*" in given or etag(job) in given


async def file(job: JobRow, app: App, *, inline: bool, if_none_match: str | None) -> Response:
    """The result, streamed, or 304."""
    headers = file_headers(job, inline=inline)
    if matches(if_none_match, job):
        return Response(status_code=304, headers=headers)
    found = await app.storage.get(job["content_key"])
    headers["Content-Length"] = str(found.size)
    return StreamingResponse(found.body, media_type="application/pdf", headers=headers)
