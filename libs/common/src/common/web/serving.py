"""Runs a service: the public port, and an internal port with metrics and health, in one event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from common.settings import HttpSettings, ServiceSettings
from common.telemetry.logs import set_up_logs
from common.telemetry.redaction import know_secrets
from common.telemetry.reporting import set_up_reports
from common.web.connections import guarded_protocol
from common.web.health import health_router
from common.web.proxies import ProxyMiddleware, TrustedProxies

if TYPE_CHECKING:
    from collections.abc import Iterator


class _WithoutSignals(uvicorn.Server):
    """The internal server ends with the public one, which owns the signals."""

    @contextmanager
    def capture_signals(self) -> "Iterator[None]":
        yield


def run(app: FastAPI, settings: ServiceSettings, *, service: str, **uvicorn_options: Any) -> None:
    """Serves until SIGTERM; then finishes what is in hand within the graceful timeout."""
    know_secrets(settings)
    set_up_logs(settings.log, service=service)
    set_up_reports(settings.sentry, service=service)
    uvloop.run(_serve(app, settings, service, uvicorn_options))


async def _serve(app: FastAPI, settings: ServiceSettings, service: str, options: dict[str, Any]) -> None:
    public = uvicorn.Server(public_config(app, settings.http, **options))
    async with _internal_server(app, settings, service):
        await public.serve()


def public_config(app: FastAPI, http: HttpSettings, **options: Any) -> uvicorn.Config:
    """How the public port is served: with bounds on connections, and with our own reading of forwarding headers."""
    return uvicorn.Config(
        ProxyMiddleware(app, http.trusted_proxies),
        host=http.host,
        port=http.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # ours takes nothing for an address that is none
        http=guarded_protocol(http, TrustedProxies(http.trusted_proxies)),  # type: ignore[arg-type]
        timeout_graceful_shutdown=int(http.graceful_timeout.total_seconds()),
        timeout_keep_alive=int(http.keep_alive.total_seconds()),
        **options,
    )


@asynccontextmanager
async def _internal_server(app: FastAPI, settings: ServiceSettings, service: str) -> AsyncIterator[None]:
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @inner.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    inner.include_router(health_router(service, app.state.checks))
    config = uvicorn.Config(
        inner,
        host=settings.http.internal_host,
        port=settings.http.internal_port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = _WithoutSignals(config)
    task = asyncio.create_task(server.serve(), name="internal port")
    try:
        yield
    finally:
        server.should_exit = True
        await task
