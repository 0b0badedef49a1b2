"""Structured logs: JSON lines with static event names; ids of the unit of work are added, secrets are taken out."""

import logging
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from common.settings import LogSettings
from common.telemetry.context import current
from common.telemetry.redaction import redacted

#: What structlog itself puts beside the fields.
_INNER = frozenset({"_record", "_from_structlog"})
#: Fields that this module fills itself.
_OWN = frozenset({"at", "level", "logger", "trace_id"})

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
    """Hides what is named like a secret, what looks like one, and what the settings hold; however deep it lies."""
    for name in list(fields):
        if name not in _INNER and name not in _OWN:
            fields[name] = redacted(fields[name], "" if name == "event" else name)
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
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
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
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_the_end
    threading.excepthook = lambda ended: _log_the_end(ended.exc_type, ended.exc_value, ended.exc_traceback)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "fontTools", "weasyprint"):
        logger = logging.getLogger(noisy)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _log_the_end(kind: Any, error: Any, trace: Any) -> None:
    """The interpreter would write the traceback past every rule of this page."""
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger("crash").critical("crashed", exc_info=(kind, error, trace))
