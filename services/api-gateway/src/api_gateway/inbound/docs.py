"""Pages that describe the API and load nothing from other hosts: `/docs`, `/redoc`, `/openapi.json`, `/asyncapi`."""

import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from api_gateway.inbound.asyncapi import asyncapi_document, asyncapi_page

STATIC = "/docs-assets"
_TITLE = "Jira Export"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

router = APIRouter(include_in_schema=False)


def mount_assets(app: FastAPI) -> None:
    """The scripts and styles that fastapi-offline brings along."""
    folder = Path(fastapi_offline.__file__).parent / "static"
    app.mount(STATIC, StaticFiles(directory=folder), name="docs-assets")


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")


@router.get("/docs")
async def swagger() -> Response:
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=_TITLE,
        swagger_js_url=f"{STATIC}/swagger-ui-bundle.js",
        swagger_css_url=f"{STATIC}/swagger-ui.css",
        swagger_favicon_url=f"{STATIC}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},
    )
    return _guarded(page)


@router.get("/redoc")
async def redoc() -> Response:
    page = get_redoc_html(
        openapi_url="/openapi.json",
        title=_TITLE,
        redoc_js_url=f"{STATIC}/redoc.standalone.js",
        redoc_favicon_url=f"{STATIC}/favicon.png",
        with_google_fonts=False,
    )
    return _guarded(page)


@router.get("/asyncapi")
async def asyncapi() -> Response:
    return _guarded(HTMLResponse(asyncapi_page(asyncapi_document())))


@router.get("/asyncapi.json")
async def asyncapi_json() -> Response:
    return Response(orjson.dumps(asyncapi_document()), media_type="application/json")


def _guarded(page: HTMLResponse) -> HTMLResponse:
    """Only our own files may load, and of the inline scripts only those that stand in the page."""
    scripts = _INLINE.findall(bytes(page.body).decode())
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(["'self'", *(f"'sha256-{value}'" for value in hashes)])
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'"
    )
    return page
