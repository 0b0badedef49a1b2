"""How the end of a connection's work is told: an outage is no bug."""

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from common.db.errors import DatabaseUnavailable
from common.ids import ConnectionId, TenantId, new_id
from jira_sync.store.leases import SyncLease
from jira_sync.usecases import keep_connections


@pytest.mark.parametrize(
    ("error", "said"),
    [(DatabaseUnavailable(), ("sync_interrupted", "warning")), (KeyError("x"), ("sync_crashed", "error"))],
    ids=["outage", "bug"],
)
async def test_only_a_bug_is_logged_as_an_error(monkeypatch, error, said):
    monkeypatch.setattr(keep_connections, "_PAUSE_AFTER_CRASH", 0)

    def uow(_tenant):
        raise error

    lease = SyncLease(TenantId(new_id()), ConnectionId(new_id()), "node", 1)
    with capture_logs() as logs:
        await keep_connections._work(SimpleNamespace(db=SimpleNamespace(uow=uow)), lease)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [said]
