"""Each look across tenants is counted; the first of its reason in an hour is logged and stands in the audit log."""

from datetime import datetime
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Table

from common.clock import utc_now
from common.contracts.audit import AccessAuditRecordedV1, AuditRecorded, ExportAuditRecordedV1, SyncAuditRecordedV1
from common.telemetry.metrics import ACROSS_TENANTS_OPENED

log = structlog.get_logger(__name__)

_NAMES = UUID("4bd9a3c8-5b0c-4c0a-9a53-3f0d6d3e7a51")
#: Schema of an outbox → how its service tells the audit log.
_ENTRIES: dict[str, type[AuditRecorded]] = {
    "auth": AccessAuditRecordedV1,
    "jira": SyncAuditRecordedV1,
    "exports": ExportAuditRecordedV1,
}


class Openings:
    """What one process has told already."""

    def __init__(self, service: str, outbox: Table | None) -> None:
        self._service = service
        self._entry = None if outbox is None or outbox.schema is None else _ENTRIES.get(outbox.schema)
        self._told: dict[str, datetime] = {}

    def count(self, reason: str, role: str) -> AuditRecorded | None:
        """The entry to record, when there is one: at most one for a reason and hour, also of several nodes."""
        ACROSS_TENANTS_OPENED.labels(self._service, reason).inc()
        now = utc_now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._told.get(reason) == hour:
            return None
        self._told[reason] = hour
        log.info("across_tenants_opened", reason=reason, role=role)
        if self._entry is None:
            return None
        # Nodes that open for the same reason in the same hour make the same entry, which is kept once.
        return self._entry(
            event_id=uuid5(_NAMES, f"{role}:{reason}:{hour.isoformat()}"),
            actor_kind="system",
            action="across_tenants.opened",
            at=now,
            details={"reason": reason[:200], "role": role, "service": self._service},
        )

    def forget(self, reason: str) -> None:
        """The entry could not be recorded: the next opening tries again."""
        self._told.pop(reason, None)
