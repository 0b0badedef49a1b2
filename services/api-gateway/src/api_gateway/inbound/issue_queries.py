"""The parameters of issue lists and searches as a client writes them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api_gateway.domain.issue_request import IssueRequest
from api_gateway.domain.sort_orders import parse_order
from api_gateway.inbound.query_types import (
    ConnectionRef,
    Cursor,
    Day,
    Expand,
    FieldNames,
    Limit,
    Moment,
    Sort,
    Typed,
    Values,
    split_names,
)
from common.issues.filtering import IssueFilter

Category = Literal["todo", "in_progress", "done"]


class _Query(BaseModel):
    """A misspelt parameter would silently widen the answer, so unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IssueListQuery(_Query):
    """Repeated parameters are alternatives, different ones add up."""

    connection: Annotated[list[ConnectionRef], Field(max_length=100)] = []
    project: Values = []
    type: Values = []
    status: Values = []
    status_category: list[Category] = []
    priority: Values = []
    assignee: Annotated[Values, Field(description="`me`, `none` or an account id")] = []
    reporter: Values = []
    label: Values = []
    component: Values = []
    fix_version: Values = []
    sprint: Values = []
    created_after: Moment | None = None
    created_before: Moment | None = None
    updated_after: Moment | None = None
    updated_before: Moment | None = None
    due_before: Day | None = None
    q: Annotated[Typed | None, Field(description="words of the text; the last one may be unfinished")] = None
    sort: Annotated[Sort | None, Field(examples=["-updated,key"])] = None
    fields: Annotated[FieldNames | None, Field(description="names by comma, also custom fields by id or name")] = None
    limit: Limit = 50
    cursor: Cursor | None = None
    count: bool = False

    def request(self) -> IssueRequest:
        """What the use case takes."""
        return IssueRequest(
            where=_filter(self),
            assignees=tuple(self.assignee),
            q=self.q,
            order=parse_order(self.sort),
            fields=split_names(self.fields),
            limit=self.limit,
            cursor=self.cursor,
            count=self.count,
        )


class IssueSearchBody(_Query):
    """A search whose answer says why each issue is in it."""

    q: Typed | None = None
    connections: Annotated[list[ConnectionRef], Field(max_length=100)] = []
    fields: FieldNames | None = None
    sort: Sort | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
    count: bool = False
    highlight: bool = False

    def request(self) -> IssueRequest:
        """What the use case takes."""
        return IssueRequest(
            where=IssueFilter(connections=tuple(self.connections)),
            q=self.q,
            order=parse_order(self.sort),
            fields=split_names(self.fields),
            limit=self.limit,
            cursor=self.cursor,
            count=self.count,
            highlight=self.highlight,
            ranked=True,
        )


class IssueQuery(_Query):
    """What comes with a detail."""

    expand: Expand = []
    connection: ConnectionRef | None = None


class PageQuery(_Query):
    """A page of a small list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class CollectionQuery(PageQuery):
    """A page of a collection of an issue."""

    connection: ConnectionRef | None = None


def _filter(query: IssueListQuery) -> IssueFilter:
    names: dict[str, Any] = {
        "connections": query.connection,
        "projects": query.project,
        "types": query.type,
        "statuses": query.status,
        "status_categories": query.status_category,
        "priorities": query.priority,
        "reporters": query.reporter,
        "labels": query.label,
        "components": query.component,
        "fix_versions": query.fix_version,
        "sprints": query.sprint,
    }
    return IssueFilter(
        **{name: tuple(values) for name, values in names.items()},
        created_after=query.created_after,
        created_before=query.created_before,
        updated_after=query.updated_after,
        updated_before=query.updated_before,
        due_before=query.due_before,
    )
