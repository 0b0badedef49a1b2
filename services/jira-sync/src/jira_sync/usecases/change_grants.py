"""Grants are given and taken back: the row, the audit entry and the event that tells of it stand together."""

from uuid import UUID

from common.clock import rfc3339
from common.contracts.http.grants import GrantBody, GrantRequest
from common.db.idempotency import IdempotentRequest, KeptAnswer, find_kept_answer, keep_answer
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, UserId, parse_id, public_id
from common.web.tokens import Caller
from jira_sync.app import App
from jira_sync.domain.grants import EVERY_PROJECT, MOST, Grant, GrantNotFound, TooManyGrants, UnknownProject, Wanted
from jira_sync.store import grants as store
from jira_sync.store.audit import record
from jira_sync.store.connections import get_connection
from jira_sync.store.tables import idempotency


class _AnsweredMeanwhile(Exception):
    """Another request with the same Idempotency-Key was quicker; rolls this one back."""


async def add_grant(
    app: App, caller: Caller, connection: ConnectionId, asked: GrantRequest, idempotent: IdempotentRequest | None
) -> KeptAnswer:
    """201 with the grant, or what the same request was answered before."""
    try:
        return await _add(app, caller, connection, asked, idempotent)
    except _AnsweredMeanwhile:
        return await _add(app, caller, connection, asked, idempotent)


async def _add(
    app: App, caller: Caller, connection: ConnectionId, asked: GrantRequest, idempotent: IdempotentRequest | None
) -> KeptAnswer:
    now = app.clock()
    async with app.db.uow(caller.tenant) as tx:
        kept = await find_kept_answer(tx, idempotency, idempotent, now)
        if kept is not None:
            return kept
        await get_connection(tx, connection)
        if await store.count_grants(tx, connection) >= MOST:
            raise TooManyGrants
        made = await store.add_grant(tx, connection, await _resolved(tx, connection, asked), by=caller.user, at=now)
        await note(tx, "grant.added", connection, made, caller, app)
        (shown,) = await store.list_grants(tx, connection, made.id)
        body = grant_body(connection, shown)
        place = f"/api/v1/connections/{body.connection_id}/grants/{body.id}"
        answer = KeptAnswer(201, place, body.model_dump_json().encode())
        if not await keep_answer(tx, idempotency, idempotent, answer):
            raise _AnsweredMeanwhile
    return answer


async def remove_grant(app: App, caller: Caller, connection: ConnectionId, grant: UUID) -> None:
    """Raises `GrantNotFound`."""
    async with app.db.uow(caller.tenant) as tx:
        await get_connection(tx, connection)
        known = await store.list_grants(tx, connection, grant)
        if not known or not await store.remove_grant(tx, connection, grant):
            raise GrantNotFound
        await note(tx, "grant.removed", connection, known[0], caller, app)


async def note(tx: Tx, action: str, connection: ConnectionId, grant: Grant, caller: Caller, app: App) -> None:
    """Tells of a change of grants: to the audit log, and to who derived something from them."""
    what = grant.what
    subject = what.subject if what.subject_kind == "role" else public_id("usr", UUID(what.subject))
    details = {
        "connection": public_id("con", connection),
        "subject": f"{what.subject_kind}:{subject}",
        "granted": f"{what.kind}:{what.value}",
    }
    now = app.clock()
    target = ("grant", public_id("gra", grant.id))
    await record(tx, action, connection, by=caller, at=now, target=target, details=details)
    await store.tell_grants_changed(tx, connection, at=now)


async def _resolved(tx: Tx, connection: ConnectionId, asked: GrantRequest) -> Wanted:
    """A project is kept by Jira's id, so that a renamed one stays granted."""
    value = asked.value
    if asked.kind == "project" and value != EVERY_PROJECT:
        project = await store.find_project(tx, connection, value)
        if project is None:
            raise UnknownProject
        value = str(project)
    return Wanted(asked.subject_kind, subject_of(asked), asked.kind, value)


def subject_of(asked: GrantRequest) -> str:
    """As it is stored: a role's name, or a user's uuid."""
    return asked.subject if asked.subject_kind == "role" else str(parse_id("usr", asked.subject))


def grant_body(connection: ConnectionId, grant: Grant) -> GrantBody:
    """A grant as the API shows it."""
    what = grant.what
    return GrantBody.model_validate(
        {
            "id": public_id("gra", grant.id),
            "connection_id": public_id("con", connection),
            "subject_kind": what.subject_kind,
            "subject": what.subject if what.subject_kind == "role" else public_id("usr", UUID(what.subject)),
            "kind": what.kind,
            "value": what.value,
            "name": grant.name,
            "created": rfc3339(grant.created_at),
            "created_by": None if grant.created_by is None else public_id("usr", UserId(grant.created_by)),
        }
    )
