"""Reports of errors to Sentry, where an operator wants them: scrubbed, without bodies, headers or local variables."""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.argv import ArgvIntegration

from common.settings import SentrySettings
from common.telemetry.context import current
from common.telemetry.redaction import redacted

#: Times and ids that Sentry made itself.
_KEPT = ("event_id", "timestamp", "start_timestamp", "level", "platform", "type")


def set_up_reports(settings: SentrySettings, *, service: str, transport: Any = None) -> bool:
    """False, and nothing happens, when no DSN is given."""
    if settings.dsn is None:
        return False
    sentry_sdk.init(
        dsn=settings.dsn.get_secret_value(),
        environment=settings.environment,
        server_name=service,
        # Personal data stays out by default; the option that said so is deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=None,
        disabled_integrations=[ArgvIntegration()],
        before_send=scrubbed,
        before_send_transaction=scrubbed,
        before_breadcrumb=_scrubbed_crumb,
        transport=transport,
    )
    sentry_sdk.set_tag("service", service)
    return True


def scrubbed(event: Any, _hint: Any) -> Any:
    """An event as it may leave: of a request only method and path are left, of a user nothing."""
    kept = {name: event[name] for name in _KEPT if name in event}
    request = event.get("request") or {}
    rest = {name: value for name, value in event.items() if name not in ("request", "user", *_KEPT)}
    clean: dict[str, Any] = redacted(rest)
    if request:
        clean["request"] = {"method": request.get("method"), "url": redacted(str(request.get("url", "")).split("?")[0])}
    context = current()
    if context is not None:
        clean["tags"] = {**_tags(clean), "request_id": context.request_id}
    return {**clean, **kept}


def _tags(event: Mapping[str, Any]) -> dict[str, Any]:
    tags = event.get("tags") or {}
    return dict(tags) if isinstance(tags, Mapping) else {}


def _scrubbed_crumb(crumb: Any, _hint: Any) -> Any:
    kept = {name: crumb[name] for name in _KEPT if name in crumb}
    clean: dict[str, Any] = redacted({name: value for name, value in crumb.items() if name not in _KEPT})
    return {**clean, **kept}
