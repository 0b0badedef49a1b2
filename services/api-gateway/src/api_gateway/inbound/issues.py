"""`/issues`: list, search, detail."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api_gateway.gate.domain.prices import priced
from api_gateway.inbound.answers import json_answer
from api_gateway.inbound.dependencies import AppDep, IssueReader, viewer_of
from api_gateway.inbound.issue_queries import IssueListQuery, IssueQuery, IssueSearchBody
from api_gateway.inbound.query_types import IssuePath, expanded
from api_gateway.inbound.shapes import IssueDetail, IssueList, IssueSearchResult
from api_gateway.usecases.find_issue import IssueRef
from api_gateway.usecases.list_issues import list_issues
from api_gateway.usecases.show_issue import show_issue

router = APIRouter(prefix="/api/v1/issues", tags=["issues"])


@router.get("", summary="List and filter issues", responses={200: {"model": IssueList}}, openapi_extra=priced(cost=2))
async def get_issues(
    request: Request, caller: IssueReader, app: AppDep, query: Annotated[IssueListQuery, Query()]
) -> Response:
    answer = await list_issues(query.request(), viewer=viewer_of(caller), app=app)
    return json_answer(request, answer.body, as_of=answer.as_of)


@router.post(
    "/search",
    summary="Search issues by text",
    responses={200: {"model": IssueSearchResult}},
    openapi_extra=priced(cost=5),
)
async def search_issues(request: Request, caller: IssueReader, app: AppDep, body: IssueSearchBody) -> Response:
    answer = await list_issues(body.request(), viewer=viewer_of(caller), app=app)
    return json_answer(request, answer.body, as_of=answer.as_of)


@router.get("/{issue}", summary="One issue with its texts and fields", responses={200: {"model": IssueDetail}})
async def get_issue(
    issue: IssuePath, request: Request, caller: IssueReader, app: AppDep, query: Annotated[IssueQuery, Query()]
) -> Response:
    ref = IssueRef(issue, query.connection)
    answer = await show_issue(ref, expanded(query.expand), viewer=viewer_of(caller), app=app)
    return json_answer(request, answer.body, as_of=answer.as_of)
