"""Object storage: keys and bytes come in and go out, presigned addresses too; a part that is away is one error."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from common.errors import AppError, ErrorKind
from common.settings import S3Settings

if TYPE_CHECKING:
    from obstore import GetResult

log = structlog.get_logger(__name__)

_PART = 256 * 1024
_TRANSFER_LIMIT = 120.0
_QUESTION_LIMIT = 3.0


class StorageAway(AppError):
    """The object storage cannot be reached just now."""

    kind, code = ErrorKind.UNAVAILABLE, "export.storage_away"


class ObjectMissing(AppError):
    """The file is no longer there."""

    kind, code = ErrorKind.GONE, "export.content_gone"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that is being read: how large it is, and its bytes."""

    size: int
    body: AsyncIterator[bytes]


class S3Storage:
    """One bucket, by the address for the service and by the one that clients can reach."""

    def __init__(self, settings: S3Settings) -> None:
        self._store = _store(settings, settings.endpoint)
        self._public = _store(settings, settings.public_endpoint or settings.endpoint)

    async def put(self, key: str, data: bytes | Path, *, file_name: str, locale: str) -> None:
        """Stores a PDF; a browser that follows a presigned address gets it under `file_name`."""
        attributes = {
            "Content-Type": "application/pdf",
            "Content-Disposition": disposition(file_name),
            "Content-Language": locale,
        }
        with _translated("put"):
            async with asyncio.timeout(_TRANSFER_LIMIT):
                await obstore.put_async(self._store, key, data, attributes=attributes)

    async def get(self, key: str) -> StoredObject:
        """Opens an object; its bytes come in pieces."""
        with _translated("get"):
            async with asyncio.timeout(_QUESTION_LIMIT * 3):
                result = await obstore.get_async(self._store, key)
        return StoredObject(result.meta["size"], _pieces(result))

    async def download(self, key: str, target: Path) -> None:
        """Copies an object into a file."""
        found = await self.get(key)
        with target.open("wb") as file:
            async for piece in found.body:
                file.write(piece)

    def presigned(self, key: str, ttl: timedelta) -> str:
        """An address under which anybody can fetch the object for a while."""
        return obstore.sign(self._public, "GET", key, ttl)

    async def delete_prefix(self, prefix: str) -> int:
        """Deletes every object under a prefix; says how many."""
        with _translated("delete"):
            async with asyncio.timeout(_TRANSFER_LIMIT):
                listed = await obstore.list(self._store, prefix=prefix).collect_async()
                keys = [entry["path"] for entry in listed]
                if keys:
                    await obstore.delete_async(self._store, keys)
        return len(keys)

    async def delete_some(self, prefix: str, most: int) -> int:
        """Deletes up to `most` objects under a prefix; says how many are left, or at least are."""
        with _translated("delete"):
            async with asyncio.timeout(_TRANSFER_LIMIT):
                async for entries in obstore.list(self._store, prefix=prefix, chunk_size=most):
                    await obstore.delete_async(self._store, [entry["path"] for entry in entries])
                    break
                async for entries in obstore.list(self._store, prefix=prefix, chunk_size=most):
                    return len(entries)
        return 0

    async def is_reachable(self) -> bool:
        """Whether the bucket answers."""
        try:
            with _translated("list"):
                async with asyncio.timeout(_QUESTION_LIMIT):
                    await obstore.list_with_delimiter_async(self._store, prefix="health")
        except StorageAway:
            return False
        return True


def disposition(file_name: str) -> str:
    """`attachment`, with the name in plain ASCII and in full."""
    plain = file_name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_").replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _store(settings: S3Settings, endpoint: str) -> S3Store:
    return S3Store(
        settings.bucket,
        endpoint=endpoint,
        region=settings.region,
        access_key_id=settings.access_key.get_secret_value(),
        secret_access_key=settings.secret_key.get_secret_value(),
        virtual_hosted_style_request=False,
        # Waiting is the job's affair, which is written down and survives a restart; here it is only a hiccup's worth.
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=5)},
        client_options={"allow_http": True, "connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=60)},
    )


async def _pieces(result: "GetResult") -> AsyncIterator[bytes]:
    with _translated("read"):
        async for piece in result.stream(min_chunk_size=_PART):
            yield bytes(piece)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing from error
    except (BaseError, TimeoutError, OSError) as error:
        log.warning("storage_failed", what=what, error=type(error).__name__, detail=str(error)[:200])
        raise StorageAway(retry_after=timedelta(seconds=5)) from error
