"""The service factory: an app with health, problems, limits, tokens, and parts that start and stop with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import structlog
from fastapi import APIRouter, FastAPI

from common.settings import ServiceSettings
from common.web.api_tokens import HttpExchange
from common.web.health import Check, health_router
from common.web.hosts import HostMiddleware
from common.web.middleware import CompressionMiddleware, LimitsMiddleware, RequestMiddleware
from common.web.problems import install_problem_handlers
from common.web.tokens import EndedSessions, TokenVerifier

log = structlog.get_logger(__name__)

Background = Callable[[], Awaitable[None]]


def create_service(
    name: str,
    settings: ServiceSettings,
    *,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    lifespan_parts: Sequence[AbstractAsyncContextManager[Any]] = (),
    background: Sequence[Background] = (),
    ended_sessions: EndedSessions | None = None,
    **fastapi_options: Any,
) -> FastAPI:
    """Builds an app. Parts are entered in order and left in reverse; background jobs run between, for ever.

    A background job that ends or raises is a bug: it is logged and started again after a pause.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
            exchange = HttpExchange(settings.tokens, settings.internal, client, service=name)
            app.state.verifier = TokenVerifier(settings.tokens, client, ended_sessions, exchange=exchange)
            for part in lifespan_parts:
                await stack.enter_async_context(part)
            wanted = (*background, app.state.verifier.keep_keys_fresh)
            jobs = [asyncio.create_task(_kept_running(job), name=_job_name(job)) for job in wanted]
            stack.push_async_callback(_end_jobs, jobs)
            log.info("service_started", jobs=len(jobs))
            yield
            log.info("service_stopping")

    options: dict[str, Any] = {"title": name, "docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(lifespan=lifespan, **options | fastapi_options)
    app.state.settings = settings
    app.state.internal = settings.internal
    app.state.checks = checks
    install_problem_handlers(app)
    for router in (health_router(name, checks), *routers):
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(LimitsMiddleware, max_body=settings.http.max_body)
    if settings.http.allowed_hosts:
        app.add_middleware(HostMiddleware, allowed=settings.http.allowed_hosts)
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(RequestMiddleware, service=name)
    return app


def _job_name(job: Background) -> str:
    return getattr(job, "__qualname__", repr(job))


async def _kept_running(job: Background) -> None:
    pause = 0.5
    while True:
        try:
            await job()
            log.error("background_job_ended", job=_job_name(job))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("background_job_failed", job=_job_name(job))
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30)


async def _end_jobs(jobs: Sequence["asyncio.Task[None]"]) -> None:
    """Cancels until they end: a driver that is interrupted may turn the cancellation into an error of its own."""
    pending = set(jobs)
    while pending:
        for job in pending:
            job.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)
    await asyncio.gather(*jobs, return_exceptions=True)
