"""An e-mail and a password in; calls of the public API as that person out."""

from collections.abc import Callable
from typing import Any

import httpx

from common.testing.system import Json, eventually, expect


class Person:
    """Signs in when it is needed; every answer comes back as it is."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url
        self.email = email
        self.password = password
        self.signed_in: Json = {}
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def close(self) -> None:
        self._client.close()

    def sign_in(self) -> Json:
        """A new session, which the next calls use; waits while the door is busy or slows us."""
        body = {"email": self.email, "password": self.password}

        def tried() -> Json | None:
            answer = self._client.post("/api/v1/auth/login", json=body)
            expect(answer.status_code in {200, 429, 503}, answer)
            return dict(answer.json()) if answer.status_code == httpx.codes.OK else None

        self.signed_in = eventually(tried, within=90, every=1)
        return self.signed_in

    @property
    def token(self) -> str:
        return str((self.signed_in or self.sign_in())["access_token"])

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; a token that ran out is replaced once."""
        given = dict(more.pop("headers", None) or {})
        for last in (False, True):
            headers = {"Authorization": f"Bearer {self.token}", **given}
            answer = self._client.request(method, path, headers=headers, **more)
            self._client.cookies.clear()
            if answer.status_code != httpx.codes.UNAUTHORIZED or "Authorization" in given or last:
                return answer
            self.sign_in()
        raise AssertionError

    def ask(self, method: str, path: str, **more: Any) -> Json:
        """The JSON of a call of `/api/v1…` that must work."""
        answer = self.call(method, f"/api/v1{path}", **more)
        expect(answer.is_success, answer)
        return dict(answer.json()) if answer.content else {}

    def items(self, path: str) -> list[Json]:
        """All items of a list, by its cursors."""
        found: list[Json] = []
        cursor = None
        while True:
            sign = "&" if "?" in path else "?"
            page = self.ask("GET", path + (f"{sign}cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return found

    def wait(self, path: str, done: Callable[[Json], bool], within: float = 90) -> Json:
        """The JSON of a path once it is as wanted."""

        def asked() -> Json | None:
            now = self.ask("GET", path)
            return now if done(now) else None

        return eventually(asked, within=within, every=0.25)
