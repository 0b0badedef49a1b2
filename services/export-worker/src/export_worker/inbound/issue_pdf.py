"""GET /api/v1/issues/{issue}/pdf: one issue as it is now, rendered once."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response

from common.contracts.http.exports import ExportOptions, Locale, Paper
from common.web.problems import language_of
from export_worker.domain.errors import RenderingFailed
from export_worker.domain.job import WITH_RESULT, Status
from export_worker.inbound import answers
from export_worker.inbound.dependencies import AppDep, ConnectionDep, IssueReader, viewer_of
from export_worker.store.jobs import is_active
from export_worker.usecases.place_job import Order
from export_worker.usecases.request_issue_pdf import request_issue_pdf, wait_for_end

router = APIRouter(prefix="/api/v1/issues", tags=["issues"])

_ASYNC = "respond-async"
_DESCRIBED: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/pdf": {}}, "description": "The document."},
    202: {"description": "It is not ready yet; look at Location."},
}


@router.get("/{issue}/pdf", response_class=Response, responses=_DESCRIBED, summary="An issue as PDF")
async def issue_pdf(
    caller: IssueReader,
    issue: Annotated[str, Path(max_length=200)],
    request: Request,
    app: AppDep,
    connection: ConnectionDep,
    locale: Locale | None = None,
    paper: Paper = "a4",
    prefer: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Waits up to 25 s for the worker; `Prefer: respond-async` asks for 202 at once."""
    language: Locale = locale or ("ru" if language_of(request.headers.get("accept-language")) == "ru" else "en")
    options = ExportOptions(locale=language, paper=paper)
    order = Order("issue", viewer_of(caller), {"issues": [issue]}, options, caller)
    job = await request_issue_pdf(issue, connection, order, app)
    if _ASYNC in (prefer or "").lower():
        return answers.state(job, status=202, applied=_ASYNC)
    job = await wait_for_end(job, order, app.settings.pdf_wait, app)
    if is_active(job):
        return answers.state(job, status=202)
    if Status(job["status"]) not in WITH_RESULT:
        raise RenderingFailed(detail=job["error_detail"], retry_after=timedelta(seconds=5))
    return await answers.file(job, app, inline=True, if_none_match=if_none_match)
