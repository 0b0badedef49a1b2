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


async def find_attachment(tx: Tx, attachment: AttachmentId) -> AttachmentPlace | None:
    """The newest mirror of it, when a site is connected twice."""
    found = await tx.execute(tx.select(attachments).where(attachments.c.child_id == attachment).limit(1))
    row = found.one_or_none()
    return None if row is None else AttachmentPlace(row.connection_id, row.content_url, row.thumbnail_url)
