"""Makes the bucket of an installation: settings come in, a bucket that answers is there afterwards."""

import asyncio
from datetime import timedelta

import httpx
import obstore
from obstore.store import S3Store

from common.settings import S3Settings

_PATIENCE = 60.0
_THERE = frozenset({200, 201, 204, 409})  # 409: it belongs to us already


async def ensure_bucket(settings: S3Settings) -> None:
    """Waits for a storage that is just starting; a bucket that is there stays as it is."""
    store = S3Store(
        settings.bucket,
        endpoint=settings.endpoint,
        region=settings.region,
        access_key_id=settings.access_key.get_secret_value(),
        secret_access_key=settings.secret_key.get_secret_value(),
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while True:
            try:
                answer = await client.put(obstore.sign(store, "PUT", "", timedelta(minutes=1)))
                if answer.status_code in _THERE:
                    return
                problem = f"{answer.status_code} {answer.text[:300]}"
            except httpx.HTTPError as error:
                problem = type(error).__name__
            if asyncio.get_running_loop().time() > deadline:
                raise RuntimeError(f"the bucket {settings.bucket} could not be made: {problem}")
            await asyncio.sleep(0.5)
