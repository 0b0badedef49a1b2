"""Health: live, ready, and what is degraded; only what a service cannot work without makes it unready."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Response


@dataclass(frozen=True)
class Check:
    """A question to a part; an essential one decides readiness, the others only say `degraded`."""

    ask: Callable[[], Awaitable[bool]]
    essential: bool = False


async def ask_all(checks: Mapping[str, Check], within: float = 3.0) -> tuple[str, dict[str, str]]:
    """`ready`, `degraded` or `unready`, and the answer of each part; a part that hangs is away."""

    async def one(check: Check) -> bool:
        try:
            async with asyncio.timeout(within):
                return await check.ask()
        except Exception:
            return False

    names = list(checks)
    answers = await asyncio.gather(*(one(checks[name]) for name in names))
    states = {name: "up" if well else "away" for name, well in zip(names, answers, strict=True)}
    away = [name for name, well in zip(names, answers, strict=True) if not well]
    if any(checks[name].essential for name in away):
        return "unready", states
    return ("degraded" if away else "ready"), states


def health_router(service: str, checks: Mapping[str, Check]) -> APIRouter:
    """`/health`, `/health/live`, `/health/ready`."""
    router = APIRouter(tags=["health"])

    async def ready() -> Response:
        status, states = await ask_all(checks)
        body = orjson.dumps({"status": status, "service": service, "checks": states})
        return Response(
            body,
            503 if status == "unready" else 200,
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def live() -> dict[str, str]:
        return {"status": "live", "service": service}

    described: dict[int | str, dict[str, str]] = {503: {"description": "An essential part is away."}}
    router.add_api_route("/health", ready, summary="Whether the service can work", responses=described)
    router.add_api_route("/health/ready", ready, summary="Whether the service can work", responses=described)
    router.add_api_route("/health/live", live, summary="Whether the process runs")
    return router
