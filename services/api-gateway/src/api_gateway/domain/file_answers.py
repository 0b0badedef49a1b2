"""Files that strangers put into Jira: what they claim to be comes in, headers that make them harmless go out."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

#: Types that a browser shows without running anything; all else is downloaded.
SHOWN = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "text/plain", "application/pdf"}
)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
#: Types that a browser might run even as a download that is opened; they lose their name.
_ACTIVE = ("html", "svg", "xml", "javascript", "ecmascript", "mhtml", "x-shockwave", "multipart")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\u202a-\u202e\u2066-\u2069]+')


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Status and headers, and the bytes as they come; None where there are none."""

    status: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes] | None


def file_headers(row: Mapping[str, Any], part: str) -> dict[str, str]:
    """The headers of an attachment's bytes."""
    media_type = "image/png" if part == "thumbnail" else safe_media_type(row["media_type"])
    kind = "inline" if media_type in SHOWN else "attachment"
    return {
        "content-type": "text/plain; charset=utf-8" if media_type == "text/plain" else media_type,
        "content-disposition": disposition(kind, row["name"]),
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "cache-control": "private, max-age=3600",
        "etag": _etag(row, part),
        "accept-ranges": "bytes",
    }


def safe_media_type(claimed: str) -> str:
    """The type that a file claims, unless a browser could run it."""
    media_type = claimed.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or any(word in media_type for word in _ACTIVE):
        return "application/octet-stream"
    return media_type


def disposition(kind: str, name: str) -> str:
    """Content-Disposition with a plain name for old clients and the whole name for the others (RFC 6266)."""
    clean = _UNSAFE.sub("_", name.encode("utf-8", "replace").decode()).strip(" .")[:200] or "file"
    plain = clean.encode("ascii", "replace").decode().replace("?", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def _etag(row: Mapping[str, Any], part: str) -> str:
    """An attachment never changes in Jira; a new file is a new attachment."""
    text = f"{row['connection_id']}:{row['jira_id']}:{row['size']}:{part}"
    return '"' + hashlib.blake2b(text.encode(), digest_size=12).hexdigest() + '"'
