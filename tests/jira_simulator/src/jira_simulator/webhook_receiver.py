"""For tests: a small web server that keeps every webhook it is sent and answers what the test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jira_simulator.testing import free_ports


@dataclass
class Receiver:
    url: str
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self, event: str) -> list[dict[str, Any]]:
        return [body for body in (orjson.loads(raw) for _, raw in self.got if raw) if body["webhookEvent"] == event]

    async def until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not holds():
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"still waiting after {seconds} s; {len(self.got)} webhooks came")
            await asyncio.sleep(0.02)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    port = free_ports(1)[0]
    made = Receiver(f"http://127.0.0.1:{port}/hook")

    async def hook(request: Request) -> Response:
        made.got.append((dict(request.headers), await request.body()))
        return Response(status_code=made.answers.pop(0) if made.answers else 204)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield made
    finally:
        server.should_exit = True
        await task
