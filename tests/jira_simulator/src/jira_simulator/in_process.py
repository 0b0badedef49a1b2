"""For tests: a small simulator in the test's own process, without sockets, with a clock that only the test moves."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from jira_simulator.assembly import make_service
from jira_simulator.http.app import jira_app
from jira_simulator.http.service import Service
from jira_simulator.model.records import Personality
from jira_simulator.options import Options

START = 1_790_000_000_000


@dataclass
class Clock:
    """Every look at it takes a millisecond, so that no two changes have the same moment."""

    ms: int = START

    def __call__(self) -> int:
        self.ms += 1
        return self.ms

    def forward(self, ms: int) -> None:
        self.ms += ms


@dataclass
class Bench:
    """A simulator with three clients: an administrator, an account with fewer rights and a guest."""

    service: Service
    clock: Clock
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def jira(self) -> httpx.AsyncClient:
        return self.clients["main"]

    @property
    def limited(self) -> httpx.AsyncClient:
        return self.clients["limited"]

    @property
    def guest(self) -> httpx.AsyncClient:
        return self.clients["guest"]

    async def door(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        answer = await self.guest.request(method, "/_sim" + path, json=body)
        answer.raise_for_status()
        return answer.json()

    async def found(self, jql: str, **more: Any) -> list[str]:
        """Ids of one page by the personality's own search."""
        if self.service.site.cloud:
            answer = await self.jira.post("/rest/api/3/search/jql", json={"jql": jql, "maxResults": 5000} | more)
        else:
            answer = await self.jira.post("/rest/api/2/search", json={"jql": jql, "maxResults": 1000} | more)
        answer.raise_for_status()
        return [issue["id"] for issue in answer.json()["issues"]]


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


@asynccontextmanager
async def bench(personality: Personality, issues: int = 120, **options: Any) -> AsyncIterator[Bench]:
    given = Options(
        personality, 18100, base_url="http://jira.test", media_url="http://files.test", issues=issues, **options
    )
    service = make_service(given)
    clock = Clock()
    service.site.now = clock
    known = given.credentials
    main, limited = (known.email, known.token), (known.limited_email, known.limited_token)
    if personality is Personality.DATACENTER:
        main, limited = (known.user, known.password), (known.limited_user, known.limited_password)
    transport = httpx.ASGITransport(jira_app(service))
    made = Bench(service, clock)
    for name, headers in (("main", basic(*main)), ("limited", basic(*limited)), ("guest", {})):
        made.clients[name] = httpx.AsyncClient(transport=transport, base_url="http://jira.test", headers=headers)
    try:
        yield made
    finally:
        for client in made.clients.values():
            await client.aclose()
        await service.delivery.close()
