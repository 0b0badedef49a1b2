"""A real HTTP server that stands for an owner of data, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Peer:
    """What came in, and what to answer next."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cookies: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        raw = request.scope["raw_path"].decode()
        asked = {"method": request.method, "path": raw, "query": request.url.query}
        self.asked.append({**asked, "headers": dict(request.headers), "body": body})
        if self.body is not None:
            return StreamingResponse(_pieces(self.body), self.status, headers=self.headers)
        said = {"query": str(request.url.query), "got": len(body)}
        answer = JSONResponse(said, self.status, headers=self.headers)
        for cookie in self.cookies:
            answer.headers.append("set-cookie", cookie)
        return answer


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@asynccontextmanager
async def running_peer() -> AsyncIterator[Peer]:
    """Serves on a free port until left."""
    peer = Peer()
    methods = ["GET", "POST", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{rest:path}", peer.answer, methods=methods)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    peer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        server.should_exit = True
        await task
