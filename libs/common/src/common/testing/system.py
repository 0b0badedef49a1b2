"""A running system as its users meet it: its address file comes in, calls of the public API go out."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from stack.layout import RunDir, run_dir_from_environment
from stack.plan.public_env import read_public_env

Json = dict[str, Any]
T = TypeVar("T")


def eventually(ask: Callable[[], T | None], *, within: float = 30, every: float = 0.1) -> T:
    """Asks until the answer is true, and gives it; fails with the last answer."""
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            message = f"still {answer!r} after {within:.0f} s"
            raise AssertionError(message)
        time.sleep(every)


def expect(good: bool, answer: httpx.Response) -> None:
    """Fails with what was asked and answered."""
    if not good:
        asked = f"{answer.request.method} {answer.request.url}"
        raise AssertionError(f"{asked}: {answer.status_code} {answer.text[:300]}")


@dataclass
class Simulator:
    """One of the two stand-ins for Jira, by its control doors."""

    url: str
    client: httpx.Client

    def door(self, method: str, path: str, body: Json | None = None) -> Json:
        """Calls a control door; fails on a refusal."""
        answer = self.client.request(method, f"{self.url}/_sim{path}", json=body, timeout=60)
        expect(answer.is_success, answer)
        return dict(answer.json()) if answer.content else {}

    def edit(self, key: str, **changes: Any) -> Json:
        """Edits an issue as another Jira user would."""
        return self.door("POST", f"/issues/{key}/edit", changes)

    def truth(self) -> Iterator[Json]:
        """Every issue that Jira has."""
        cursor = None
        while True:
            page = self.door("GET", "/issues" + (f"?cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return


@dataclass
class System:
    """The public API with a signed-in user; signs in again when the token has run out."""

    run: RunDir
    env: dict[str, str]
    client: httpx.Client
    tokens: Json = field(default_factory=dict)

    @classmethod
    def running(cls, run_dir: Path | None = None) -> Self:
        """The system of this run directory (`JIRA_EXPORT_RUN_DIR`, default `.run`)."""
        run = RunDir(run_dir.resolve()) if run_dir else run_dir_from_environment()
        return cls(run, read_public_env(run), httpx.Client(trust_env=False, timeout=60)).login()

    @property
    def url(self) -> str:
        return self.env["JIRA_EXPORT_URL"]

    def login(self) -> Self:
        """Signs in as the owner of the demo tenant."""
        who = {"email": self.env["DEMO_EMAIL"], "password": self.env["DEMO_PASSWORD"]}

        def signed_in() -> Json | None:
            try:
                answer = self.client.post(f"{self.url}/api/v1/auth/login", json=who)
            except httpx.TransportError:
                return None
            return dict(answer.json()) if answer.status_code == httpx.codes.OK else None

        self.tokens = eventually(signed_in, within=60, every=1)
        return self

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """One call of `/api/v1…`, answered whatever it is."""
        head = {"Authorization": f"Bearer {self.tokens['access_token']}", **(headers or {})}
        answer = self.client.request(method, f"{self.url}/api/v1{path}", headers=head, **more)
        if answer.status_code == httpx.codes.UNAUTHORIZED and "Authorization" not in (headers or {}):
            self.login()
            head["Authorization"] = f"Bearer {self.tokens['access_token']}"
            answer = self.client.request(method, f"{self.url}/api/v1{path}", headers=head, **more)
        return answer

    def get(self, path: str, **more: Any) -> Json:
        """The JSON of a GET that must work."""
        answer = self.call("GET", path, **more)
        expect(answer.status_code == httpx.codes.OK, answer)
        return dict(answer.json())

    def pages(self, path: str, limit: int = 200) -> list[Json]:
        """All items of a list, by its cursors."""
        items: list[Json] = []
        cursor = None
        while True:
            sign = "&" if "?" in path else "?"
            page = self.get(f"{path}{sign}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def simulator(self, personality: str) -> Simulator:
        """The stand-in `cloud` or `datacenter`."""
        return Simulator(self.env["SIM_CLOUD_URL" if personality == "cloud" else "SIM_DC_URL"], self.client)

    def connection(self, personality: str) -> Json:
        """The demo connection to that simulator, once it is live."""
        address = self.simulator(personality).url
        (found,) = (one for one in self.get("/connections")["items"] if one["base_url"].rstrip("/") == address)
        eventually(lambda: self.get(f"/connections/{found['id']}/sync")["phase"] == "live", within=120, every=0.5)
        return dict(found)

    def issue(self, key: str) -> Json:
        """The detail of an issue by its key or id."""
        return self.get(f"/issues/{key}")
