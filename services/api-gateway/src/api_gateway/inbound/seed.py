"""The seed's endpoints, with exactly their bodies."""

from typing import Any

from fastapi import APIRouter

from api_gateway.inbound.dependencies import AppDep

API_VERSION = "1.0.0"
GREETING = "Привет мир!"

router = APIRouter(tags=["about"])


@router.get("/", summary="What this is")
async def index() -> dict[str, Any]:
    return {
        "name": "Jira Export",
        "api_version": API_VERSION,
        "links": {"api": "/api/v1", "docs": "/docs", "openapi": "/openapi.json", "events": "/asyncapi"},
    }


@router.get("/hello", summary="A greeting")
async def hello() -> dict[str, str]:
    return {"message": GREETING}


@router.get("/hello/json", summary="A greeting with the day")
async def hello_json(app: AppDep) -> dict[str, str]:
    return {
        "status": "success",
        "message": GREETING,
        "timestamp": app.clock().date().isoformat(),
        "api_version": API_VERSION,
    }
