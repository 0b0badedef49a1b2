"""Which answers of the gateway are worth an entry: a route and its answer come in, what to note goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

_UNNAMED = {401: "access.token_invalid", 403: "access.scope_missing", 429: "limits.requests"}
#: Answers that refuse: their bodies are looked at for the problem's code.
REFUSALS = frozenset(_UNNAMED)
#: The daily life of short tokens: a client refreshes and goes on.
_ROUTINE = frozenset({"token_expired", "token_outdated", "token_missing"})
_STRANGER = 401
_DELIVERED = frozenset({200, 206, 307})


@dataclass(frozen=True, slots=True)
class Download:
    """A route whose good answers hand out a file."""

    action: str
    kind: str
    parameter: str
    details: Mapping[str, str]


_DOWNLOADS = {
    "/api/v1/exports/{export}/content": Download("export.downloaded", "export", "export", {}),
    "/api/v1/issues/{issue}/pdf": Download("export.downloaded", "issue", "issue", {"form": "pdf"}),
    "/api/v1/attachments/{attachment}/content": Download("attachment.downloaded", "attachment", "attachment", {}),
    "/api/v1/attachments/{attachment}/thumbnail": Download(
        "attachment.downloaded", "attachment", "attachment", {"form": "thumbnail"}
    ),
}


def download_of(method: str, route: str | None, status: int) -> Download | None:
    """What was fetched; 202 and 304 hand out nothing, HEAD neither."""
    return _DOWNLOADS.get(route or "") if method == "GET" and status in _DELIVERED else None


def denial_of(status: int, code: str | None, *, with_credentials: bool) -> str | None:
    """The reason of a refusal that is worth an entry; a request without any credentials is a stranger at the door."""
    if status not in REFUSALS or (status == _STRANGER and not with_credentials):
        return None
    if code is not None and code.rpartition(".")[2] in _ROUTINE:
        return None
    return (code or _UNNAMED[status])[:64]
