"""A delivery of Jira comes in; verified and stored, it is accepted before anything else is done with it."""

import hashlib
import time
from collections import OrderedDict

from common.errors import AppError, ErrorKind, NotFound, register_translations
from common.ids import ConnectionId, TenantId
from jira_sync.app import App
from jira_sync.domain.signatures import is_signed
from jira_sync.metrics import WEBHOOKS
from jira_sync.store.connections import find_tenant_of, is_there, note_delivery
from jira_sync.store.inbox import add_delivery
from jira_sync.store.secrets import get_secrets

_KNOWN_FOR = 30.0
_MOST_KNOWN = 10_000


class BadSignature(AppError):
    """The signature of this delivery is missing or wrong."""

    kind, code = ErrorKind.UNAUTHENTICATED, "webhook.bad_signature"


register_translations({"webhook.bad_signature": "Подпись этой доставки отсутствует или неверна."})


class KnownHooks:
    """Tenant and secret of connections, for a few seconds, so that a burst of deliveries costs one insert each."""

    def __init__(self) -> None:
        self._known: OrderedDict[ConnectionId, tuple[float, TenantId, str]] = OrderedDict()

    async def find(self, app: App, connection: ConnectionId) -> tuple[TenantId, str]:
        """Raises `NotFound` for a connection that is not there (any more)."""
        found = self._known.get(connection)
        if found is not None and time.monotonic() - found[0] < _KNOWN_FOR:
            return found[1], found[2]
        tenant = await find_tenant_of(app.db, connection)
        if tenant is None:
            raise NotFound
        async with app.db.uow(tenant) as tx:
            secret = (await get_secrets(tx, app.sealer, connection)).webhook
        self._known[connection] = (time.monotonic(), tenant, secret)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return tenant, secret

    def forget(self, connection: ConnectionId) -> None:
        """For a connection that was deleted meanwhile."""
        self._known.pop(connection, None)


async def accept_webhook(
    app: App, known: KnownHooks, connection: ConnectionId, *, body: bytes, signature: str | None, identifier: str | None
) -> bool:
    """Whether the delivery is new; its content is never believed, it only makes us look."""
    try:
        tenant, secret = await known.find(app, connection)
    except AppError:
        WEBHOOKS.labels("unknown").inc()
        raise
    if not is_signed(body, signature, secret):
        WEBHOOKS.labels("unsigned").inc()
        raise BadSignature
    # Without an identifier two equal bodies are one delivery: following a hint once is enough.
    name = identifier or f"sha256:{hashlib.sha256(body).hexdigest()}"
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        if not await is_there(tx, connection):
            known.forget(connection)
            raise NotFound
        fresh = await add_delivery(tx, connection, identifier=name[:200], body=body, at=now)
        if fresh:
            await note_delivery(tx, connection, at=now)
    WEBHOOKS.labels("accepted" if fresh else "repeated").inc()
    app.wakes.deliveries(connection).set()
    return fresh
