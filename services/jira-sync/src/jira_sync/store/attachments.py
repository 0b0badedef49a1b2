"""Where an attachment's bytes are at Jira."""

from dataclasses import dataclass

from common.db.unit_of_work import Tx
from common.ids import AttachmentId, ConnectionId
from common.issues.tables import attachments


@dataclass(frozen=True)
class AttachmentPlace:
    """The addresses of an attachment, and whose credentials open them."""

    connection: ConnectionId
    content_url: str
    thumbnail_url: str | None


async def find_attachment(
    tx: Tx, attachment: AttachmentId, connection: ConnectionId | None = None
) -> AttachmentPlace | None:
    """The one that the asker has seen: a site that is connected twice has it under both connections."""
    wanted = tx.select(attachments).where(attachments.c.child_id == attachment)
    if connection is not None:
        wanted = wanted.where(attachments.c.connection_id == connection)
    found = await tx.execute(wanted.limit(1))
    row = found.one_or_none()
    return None if row is None else AttachmentPlace(row.connection_id, row.content_url, row.thumbnail_url)
