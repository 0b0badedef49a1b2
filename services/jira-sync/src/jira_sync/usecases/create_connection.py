"""Makes a connection, after Jira has accepted its credentials."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from common.contracts.http.connections import (
    ApiTokenAuth,
    AuthRequest,
    BasicAuth,
    ConnectionRequest,
    PatAuth,
    connection_body,
)
from common.db.erased import refuse_erased
from common.db.idempotency import IdempotentRequest, KeptAnswer, find_kept_answer, keep_answer
from common.ids import ConnectionId, TenantId, new_id
from common.network.addresses import check_target, normalise
from common.web.tokens import Caller
from jira_sync.app import App
from jira_sync.domain.connection import Connection, ConnectionExists
from jira_sync.domain.credentials import Credentials
from jira_sync.domain.grants import DEFAULT_GRANTS, EVERY_PROJECT, UnknownProject, Wanted
from jira_sync.store.audit import record
from jira_sync.store.connections import add_connection, find_same
from jira_sync.store.grants import add_grant
from jira_sync.store.secrets import Secrets, put_secrets
from jira_sync.store.tables import erased_tenants, idempotency
from jira_sync.usecases.change_grants import note, subject_of
from jira_sync.usecases.check_host import check_host
from jira_sync.usecases.keep_webhook import webhook_url
from jira_sync.usecases.try_credentials import Acquaintance, try_credentials

_PROJECT_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class AnsweredAlready(Exception):
    """The same request was answered before."""

    answer: KeptAnswer


async def create_connection(
    app: App, caller: Caller, request: ConnectionRequest, idempotent: IdempotentRequest | None
) -> KeptAnswer:
    """The answer to give: 201 with the connection, or what the same request was answered before."""
    wanted = _grants(request)
    tenant = caller.tenant
    base_url = normalise(request.base_url)
    check_target(base_url, app.opener.rules)
    credentials = credentials_of(request.auth)
    async with app.db.uow(tenant) as tx:
        kept = await find_kept_answer(tx, idempotency, idempotent, app.clock())
        if kept is not None:
            return kept
        await check_host(tx, base_url)
        same = await find_same(tx, base_url, credentials.account)
        if same is not None:
            raise ConnectionExists(detail=f"It is {same}.", extra={"connection_id": same})
    known = await try_credentials(app, base_url, credentials, request.deployment)
    try:
        return await _store(app, caller, request, base_url, credentials, known, wanted, idempotent)
    except AnsweredAlready as already:
        return already.answer


async def _store(
    app: App,
    caller: Caller,
    request: ConnectionRequest,
    base_url: str,
    credentials: Credentials,
    known: Acquaintance,
    wanted: Sequence[Wanted],
    idempotent: IdempotentRequest | None,
) -> KeptAnswer:
    connection_id = ConnectionId(new_id())
    now = app.clock()
    async with app.db.uow(caller.tenant) as tx:
        await refuse_erased(tx, erased_tenants, caller.tenant)
        connection = await add_connection(
            tx,
            {
                "connection_id": connection_id,
                "name": request.name,
                "base_url": base_url,
                "deployment": known.server.deployment if request.deployment == "auto" else request.deployment,
                "site": known.server.identity,
                "auth_method": credentials.method,
                "account": credentials.account or known.account.account_id,
                "account_id": known.account.account_id,
                "account_time_zone": known.account.time_zone,
                "scope_projects": request.scope.projects if request.scope else None,
                "phase": "connecting",
                "webhook_url": webhook_url(app, connection_id),
                "created_at": now,
                "updated_at": now,
            },
        )
        sealed = Secrets(credential=credentials.secret, webhook=secrets.token_urlsafe(32))
        await put_secrets(tx, app.sealer, connection_id, sealed, at=now)
        await record(tx, "connection.created", connection_id, by=caller, at=now)
        for grant in wanted:
            made = await add_grant(tx, connection_id, grant, by=caller.user, at=now)
            await note(tx, "grant.added", connection_id, made, caller, app)
        answer = _created(connection)
        if not await keep_answer(tx, idempotency, idempotent, answer):
            # Leaving by an exception takes the second connection back.
            raise AnsweredAlready(await _kept(app, caller.tenant, idempotent))
    app.wakes.connections.set()
    return answer


def _grants(request: ConnectionRequest) -> tuple[Wanted, ...]:
    """What is asked for, each once; the mirror is empty yet, so a project can only be named by Jira's id."""
    if request.grants is None:
        return DEFAULT_GRANTS
    wanted = [Wanted(one.subject_kind, subject_of(one), one.kind, one.value) for one in request.grants]
    for one in wanted:
        if one.kind == "project" and one.value != EVERY_PROJECT and not _PROJECT_ID.fullmatch(one.value):
            raise UnknownProject(detail="A new connection knows no project keys yet; name projects by id or grant *.")
    return tuple(dict.fromkeys(wanted))


async def _kept(app: App, tenant: TenantId, idempotent: IdempotentRequest | None) -> KeptAnswer:
    async with app.db.uow(tenant) as tx:
        kept = await find_kept_answer(tx, idempotency, idempotent, app.clock())
    if kept is None:
        raise RuntimeError("an answer that was there is gone")
    return kept


def _created(connection: Connection) -> KeptAnswer:
    body = connection_body(connection.row)
    return KeptAnswer(201, body.links["self"], body.model_dump_json().encode())


def credentials_of(auth: AuthRequest) -> Credentials:
    """The credentials of a request; a personal access token names no account."""
    match auth:
        case BasicAuth():
            return Credentials("basic", auth.username, auth.password.get_secret_value())
        case ApiTokenAuth():
            return Credentials("api_token", auth.email, auth.token.get_secret_value())
        case PatAuth():
            return Credentials("pat", "", auth.token.get_secret_value())
