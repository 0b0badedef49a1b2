"""The public signing keys, for whoever verifies access tokens."""

import hashlib

import orjson
from fastapi import APIRouter, Request, Response

from auth.inbound.dependencies import AppDep
from auth.usecases.rotate_signing_keys import current_key

router = APIRouter(tags=["keys"])


@router.get("/.well-known/jwks.json", summary="Public signing keys: current, next and retiring")
async def jwks(request: Request, app: AppDep) -> Response:
    await current_key(app)
    body = orjson.dumps({"keys": list(app.ring.public)})
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    age = int(app.settings.signing_keys.jwks_max_age.total_seconds())
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={age}"}
    if request.headers.get("if-none-match") in (etag, f"W/{etag}"):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/jwk-set+json", headers=headers)
