"""Changes, checks, wakes and deletes connections."""

from collections.abc import Mapping
from typing import Any

from common.clock import rfc3339
from common.contracts.http.connections import ConnectionPatch, ConnectionTestBody, SyncError
from common.errors import AppError
from common.ids import ConnectionId, TenantId
from common.web.tokens import Caller
from jira_sync.app import App
from jira_sync.domain.connection import WORKED, Connection
from jira_sync.domain.credentials import Credentials
from jira_sync.store import connections as store
from jira_sync.store.audit import record
from jira_sync.store.grants import tell_grants_changed
from jira_sync.store.lists import narrow_scope
from jira_sync.store.progress import move_cursor
from jira_sync.store.secrets import Secrets, get_secrets, put_secrets
from jira_sync.usecases.check_host import check_host
from jira_sync.usecases.create_connection import credentials_of
from jira_sync.usecases.try_credentials import Acquaintance, try_credentials


class AccountDiffers(AppError):
    """These credentials belong to another account; make a new connection for it."""

    code = "connection.other_account"


async def change_connection(
    app: App, caller: Caller, connection_id: ConnectionId, patch: ConnectionPatch
) -> Connection:
    """Applies a patch; new credentials are tried at Jira first."""
    tenant = caller.tenant
    async with app.db.uow(tenant) as tx:
        connection = await store.get_connection(tx, connection_id)
        if patch.auth is not None or patch.paused is False:
            await check_host(tx, connection.base_url)
    credentials = credentials_of(patch.auth) if patch.auth is not None else None
    if credentials is not None:
        known = await try_credentials(app, connection.base_url, credentials, connection.deployment)
        if connection.account_id is not None and known.account.account_id != connection.account_id:
            raise AccountDiffers
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        connection = await store.get_connection(tx, connection_id)
        await store.change_connection(tx, connection_id, **_columns(patch, credentials, connection), updated_at=now)
        if credentials is not None:
            old = await get_secrets(tx, app.sealer, connection_id)
            await put_secrets(tx, app.sealer, connection_id, Secrets(credentials.secret, old.webhook), at=now)
        if "scope" in patch.model_fields_set:
            scope = patch.scope.projects if patch.scope else None
            await narrow_scope(tx, connection_id, scope)
            await move_cursor(tx, connection_id, sync_wanted=True)
        phase = _next_phase(connection.phase, patch, new_credentials=credentials is not None)
        if phase != connection.phase:
            await store.enter_phase(tx, connection_id, phase, at=now)
            await move_cursor(tx, connection_id, failures=0)
        # Only which parts changed: names and accounts are nobody's business in an audit log.
        details = {"changed": ",".join(sorted(patch.model_fields_set))}
        await record(tx, "connection.changed", connection_id, by=caller, at=now, details=details)
        changed = await store.get_connection(tx, connection_id)
    _wake(app, connection_id)
    return changed


def _columns(patch: ConnectionPatch, credentials: Credentials | None, connection: Connection) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    if patch.name is not None:
        columns["name"] = patch.name
    if "scope" in patch.model_fields_set:
        columns["scope_projects"] = patch.scope.projects if patch.scope else None
    if credentials is not None:
        columns |= {"auth_method": credentials.method, "account": credentials.account or connection.account}
    return columns


def _next_phase(phase: str, patch: ConnectionPatch, *, new_credentials: bool) -> str:
    if patch.paused:
        return "paused"
    if (patch.paused is False and phase == "paused") or (new_credentials and phase in ("failed", "degraded")):
        return "connecting"
    return phase


async def delete_connection(app: App, caller: Caller, connection_id: ConnectionId) -> None:
    """Out of sight at once; the rows go in the background."""
    now = app.clock()
    async with app.db.uow(caller.tenant) as tx:
        await store.get_connection(tx, connection_id)
        await store.change_connection(tx, connection_id, deleted_at=now, phase="paused")
        await record(tx, "connection.deleted", connection_id, by=caller, at=now)
        await tell_grants_changed(tx, connection_id, at=now)
    _wake(app, connection_id)


async def request_sync(app: App, tenant: TenantId, connection_id: ConnectionId) -> Connection:
    """A deep poll and fresh lists as soon as possible; a connection that had failed tries again."""
    async with app.db.uow(tenant) as tx:
        connection = await store.get_connection(tx, connection_id)
        await move_cursor(tx, connection_id, sync_wanted=True, failures=0)
        if connection.phase not in WORKED:
            await store.enter_phase(tx, connection_id, "connecting", at=app.clock())
        connection = await store.get_connection(tx, connection_id)
    _wake(app, connection_id)
    return connection


async def test_connection(app: App, tenant: TenantId, connection_id: ConnectionId) -> ConnectionTestBody:
    """What Jira says to the stored credentials right now; a failure is an answer here, not an error."""
    async with app.db.uow(tenant) as tx:
        connection = await store.get_connection(tx, connection_id)
        secrets = await get_secrets(tx, app.sealer, connection_id)
    method = connection.row["auth_method"]
    credentials = Credentials(method, connection.account, secrets.credential)
    try:
        known = await try_credentials(app, connection.base_url, credentials, connection.deployment)
    except AppError as error:
        shown = SyncError(code=error.code, detail=str(error), at=rfc3339(app.clock()))
        return ConnectionTestBody(ok=False, deployment=None, version=None, account=None, error=shown)
    return _passed(known)


def _passed(known: Acquaintance) -> ConnectionTestBody:
    return ConnectionTestBody.model_validate(
        {
            "ok": True,
            "deployment": known.server.deployment,
            "version": known.server.version,
            "account": known.account.name,
            "error": None,
        }
    )


def _wake(app: App, connection: ConnectionId) -> None:
    app.wakes.cycle(connection).set()
    app.wakes.connections.set()
