"""Bodies of /connections/{id}/grants, and of the names of levels and visibility classes that can be granted."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from common.contracts.http.request_model import RequestModel, ResponseModel
from common.ids import InvalidId, parse_id

SubjectKind = Literal["role", "user"]
GrantKind = Literal["project", "level", "class"]
ROLES = ("owner", "admin", "member", "viewer")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


Value = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]


class GrantRequest(RequestModel):
    """`POST /connections/{id}/grants`: who, and what of this connection he may see."""

    subject_kind: SubjectKind
    subject: Annotated[str, Field(max_length=60, description="the name of a role, or the `usr_…` of a member")]
    kind: GrantKind
    value: Annotated[
        Value,
        Field(description="project: Jira's id, a key, or `*` for all; level: its id; class: `role:…` or `group:…`"),
    ]

    @model_validator(mode="after")
    def _known_subject(self) -> "GrantRequest":
        if self.subject_kind == "role" and self.subject not in ROLES:
            raise ValueError(f"the roles are {', '.join(ROLES)}")
        if self.subject_kind == "user":
            try:
                parse_id("usr", self.subject)
            except InvalidId as error:
                raise ValueError("a user is named by his usr_… id") from error
        return self


class GrantBody(ResponseModel):
    """One grant; `name` is what the mirror calls the value now."""

    id: str
    connection_id: str
    subject_kind: SubjectKind
    subject: str
    kind: GrantKind
    value: str
    name: str | None
    created: str
    created_by: str | None


class GrantList(ResponseModel):
    """All grants of a connection, oldest first."""

    items: list[GrantBody]
    next_cursor: None = None


class SecurityLevelBody(ResponseModel):
    """A security level that issues of the mirror have."""

    id: str
    name: str | None


class SecurityLevelList(ResponseModel):
    items: list[SecurityLevelBody]
    next_cursor: None = None


class VisibilityClassBody(ResponseModel):
    """A role or group to which comments or worklogs of the mirror are restricted; `value` is what is granted."""

    value: str
    type: str
    name: str


class VisibilityClassList(ResponseModel):
    items: list[VisibilityClassBody]
    next_cursor: None = None
