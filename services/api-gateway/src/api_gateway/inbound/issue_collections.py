"""`/issues/{issue}/comments` and its sisters: one door, five collections."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api_gateway.inbound import shapes
from api_gateway.inbound.answers import json_answer
from api_gateway.inbound.dependencies import AppDep, IssueReader, viewer_of
from api_gateway.inbound.issue_queries import CollectionQuery
from api_gateway.inbound.query_types import IssuePath
from api_gateway.usecases.find_issue import IssueRef
from api_gateway.usecases.list_collection import PageRequest, list_collection
from common.issues.children import Collection

router = APIRouter(prefix="/api/v1/issues/{issue}", tags=["issues"])

_SHAPES: dict[Collection, type[BaseModel]] = {
    Collection.COMMENTS: shapes.Comments,
    Collection.WORKLOGS: shapes.Worklogs,
    Collection.HISTORY: shapes.History,
    Collection.ATTACHMENTS: shapes.Attachments,
    Collection.LINKS: shapes.Links,
}


def _door(kind: Collection) -> Callable[..., Awaitable[Response]]:
    async def get_collection(
        issue: IssuePath,
        request: Request,
        caller: IssueReader,
        app: AppDep,
        query: Annotated[CollectionQuery, Query()],
    ) -> Response:
        ref, wanted = IssueRef(issue, query.connection), PageRequest(query.limit, query.cursor)
        answer = await list_collection(ref, kind, wanted, viewer=viewer_of(caller), app=app)
        return json_answer(request, answer.body, as_of=answer.as_of)

    return get_collection


for _kind, _shape in _SHAPES.items():
    router.add_api_route(
        f"/{_kind.value}",
        _door(_kind),
        name=f"get_{_kind.value}",
        operation_id=f"get_issue_{_kind.value}",
        summary=f"The {_kind.value} of an issue, oldest first",
        responses={200: {"model": _shape}},
    )
