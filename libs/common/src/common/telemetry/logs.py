"""Structured logs: JSON lines with static event names; ids of the unit of work are added, secrets are taken out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from common.settings import LogSettings
from common.telemetry.context import current

_SECRET_NAMES = re.compile(r"(password|passwd|secret|token|authorization|cookie|api_?key|credential)", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"  # a JWT
    r"|(?i:basic|bearer|internal) +[\w+/=.~-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@))"  # user:password in an address
)
_HIDDEN = "[hidden]"

Fields = MutableMapping[str, Any]


def _with_context(_logger: Any, _method: str, fields: Fields) -> Fields:
    context = current()
    if context is not None:
        fields.setdefault("request_id", context.request_id)
        fields.setdefault("trace_id", context.trace_id)
        if context.tenant is not None:
            fields.setdefault("tenant", context.tenant)
    return fields


def without_secrets(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Hides what is named like a secret, and texts that look like one."""
    for name, value in fields.items():
        if name != "event" and _SECRET_NAMES.search(name) and not isinstance(value, bool | int):
            fields[name] = _HIDDEN
        elif isinstance(value, str):
            fields[name] = _SECRET_TEXT.sub(_HIDDEN, value)
    return fields


def _json(fields: Any, **_: Any) -> str:
    return orjson.dumps(fields, default=str).decode()


def set_up_logs(settings: LogSettings, *, service: str) -> None:
    """Routes structlog and the standard library to one stream of one format."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _with_context,
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    last: Any = (
        structlog.processors.JSONRenderer(serializer=_json)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )

    def name_service(_logger: Any, _method: str, fields: Fields) -> Fields:
        fields["service"] = service
        return fields

    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, name_service, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "fontTools", "weasyprint"):
        logger = logging.getLogger(noisy)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)
