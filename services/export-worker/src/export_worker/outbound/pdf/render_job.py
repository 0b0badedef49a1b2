"""What one rendering needs, and how it travels between the service and the render process."""

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from export_worker.domain.issue_document import IssueDocument, RenderOptions

_LENGTH = struct.Struct(">cQ")
READY, PDF, FAILED, OUT_OF_MEMORY = b"R", b"P", b"F", b"M"
HEADER_SIZE = _LENGTH.size


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Issues with the bytes of their pictures, by file name or media id."""

    issues: tuple[tuple[IssueDocument, Mapping[str, bytes]], ...]
    options: RenderOptions = field(default_factory=RenderOptions)

    @classmethod
    def of(cls, issue: IssueDocument, assets: Mapping[str, bytes], options: RenderOptions | None = None) -> "RenderJob":
        return cls(((issue, assets),), options or RenderOptions())


def frame(kind: bytes, body: bytes) -> bytes:
    return _LENGTH.pack(kind, len(body)) + body


def read_header(header: bytes) -> tuple[bytes, int]:
    kind, length = _LENGTH.unpack(header)
    return kind, length


def pack_job(job: RenderJob) -> bytes:
    plain = [(issue, dict(assets)) for issue, assets in job.issues]
    return frame(b"J", pickle.dumps((plain, job.options), pickle.HIGHEST_PROTOCOL))


def read_job(stream: BinaryIO) -> tuple[Any, RenderOptions] | None:
    """Blocks until the next job; None when the service has gone. Only the service writes to this stream."""
    header = stream.read(HEADER_SIZE)
    if len(header) < HEADER_SIZE:
        return None
    issues, options = pickle.loads(stream.read(read_header(header)[1]))  # noqa: S301 (our own parent)
    return issues, options
