"""A refusal in, Jira's error body out."""

from typing import Any

import orjson
from starlette.responses import Response

JSON_TYPE = "application/json;charset=UTF-8"


class Refused(Exception):
    """Ends a request with a status and either Jira's error collection or a body of its own."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: dict[str, str] | None = None,
        body: Any = None,
        html: str | None = None,
    ) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.html = html
        self.body = body if body is not None else {"errorMessages": list(messages), "errors": errors or {}}

    def response(self) -> Response:
        if self.html is not None:
            return Response(self.html, self.status, media_type="text/html")
        return json_response(self.body, self.status)


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers={**(headers or {}), "Content-Type": JSON_TYPE})


NO_ISSUE = "Issue does not exist or you do not have permission to see it."


def no_issue(*, anonymous: bool, cloud: bool) -> Refused:
    if anonymous and not cloud:
        return Refused(401, "You do not have the permission to see the specified issue.", "Login Required")
    return Refused(404, NO_ISSUE if cloud else "Issue Does Not Exist")


def not_logged_in() -> Refused:
    return Refused(401, body={"message": "Client must be authenticated to access this resource.", "status-code": 401})
