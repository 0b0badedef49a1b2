"""One REST request with everything a handler needs: site, account, version, parameters, body."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from jira_simulator.http.errors import Refused, no_issue, not_logged_in
from jira_simulator.http.service import Service
from jira_simulator.model.issue import Issue
from jira_simulator.model.records import Account
from jira_simulator.model.site import Site
from jira_simulator.shapes.view import View
from jira_simulator.text.document import Text
from jira_simulator.write.values import Intake

_MOST = 2**31 - 1


@dataclass(slots=True)
class Call:
    service: Service
    request: Request
    account: Account | None
    version: int
    raw: bytes = b""
    _body: Any = field(default=None)

    @property
    def site(self) -> Site:
        return self.service.site

    @property
    def view(self) -> View:
        return View(self.site, self.version, self.account)

    @property
    def cloud(self) -> bool:
        return self.site.cloud

    @property
    def actor(self) -> str:
        return self.login().user.id

    def login(self) -> Account:
        if self.account is None:
            raise not_logged_in()
        return self.account

    def admin(self) -> Account:
        account = self.login()
        if not account.admin:
            raise Refused(403, "You are not authorized to perform this action. Administrator privileges are required.")
        return account

    def intake(self) -> Intake:
        return Intake(self.site, "adf" if self.version == 3 else "wiki", lenient=False)

    def text(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def texts(self, name: str) -> list[str]:
        """Repeated parameters and comma lists mean the same."""
        given = self.request.query_params.getlist(name)
        return [part.strip() for entry in given for part in entry.split(",") if part.strip()]

    def number(self, name: str, default: int) -> int:
        return as_number(self.text(name) or None, name, default)

    def number_or(self, name: str, default: int) -> int:
        """A moment in epoch milliseconds, which a page number's limits do not fit."""
        text = self.text(name)
        if not text:
            return default
        if not text.lstrip("-").isdigit():
            raise Refused(400, f"The value '{text}' for the parameter '{name}' is not a valid number.")
        return int(text)

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.text(name, str(default)).lower() == "true"

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def body(self) -> dict[str, Any]:
        if self._body is None:
            try:
                self._body = orjson.loads(self.raw or b"{}")
            except orjson.JSONDecodeError as broken:
                raise Refused(400, f"Unexpected character: the request body is not JSON ({broken}).") from None
        if not isinstance(self._body, dict):
            raise Refused(400, "Can not deserialize the request body: an object is expected.")
        return self._body

    def issue(self, name: str = "issue") -> Issue:
        found = self.site.find_issue(self.path(name))
        if found is None or not self.site.sees_issue(self.account, found):
            raise no_issue(anonymous=self.account is None, cloud=self.cloud)
        return found

    def document(self, value: Any, name: str) -> Text:
        try:
            text = self.intake().text(value)
        except ValueError as refused:
            raise Refused(400, errors={name: str(refused)}) from None
        if text is None:
            raise Refused(400, errors={name: "Comment body can not be empty!"})
        return text


def as_number(value: Any, name: str, default: int) -> int:
    if value is None:
        return default
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool | float) or not 0 <= number <= _MOST:
        raise Refused(400, f"The value '{value}' for the parameter '{name}' is not a valid number.")
    return number


def as_texts(value: Any, name: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or any(isinstance(entry, dict | list) for entry in value):
        raise Refused(400, f"The value of '{name}' is not a list of texts.")
    return [str(entry) for entry in value]
