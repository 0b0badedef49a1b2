"""A message about a connection comes in; whether the tenant that it names has that connection goes out."""

from common.contracts.topics import Topic
from common.ids import TenantId, parse_id
from common.messaging.broadcast import Received
from notifier.app import App
from notifier.store.lookups import find_connection


async def is_foreign(received: Received, app: App) -> bool:
    """True for what a whole tenant would hear although the connection is not its own; what was found is remembered.

    Other messages need no look: who hears them is told by ids that only members of the right tenant can subscribe to.
    """
    if received.topic is not Topic.SYNC_EVENTS:
        return False
    tenant, connection = received.envelope.tenantid, str(received.envelope.data.get("connection_id"))
    if not received.envelope.data.get("connection_id") or app.owners.knows(tenant, connection):
        return False
    async with app.db.read(TenantId(parse_id("ten", tenant))) as reader:
        if not await find_connection(reader, parse_id("con", connection)):
            return True
    app.owners.note(tenant, connection)
    return False
