"""Grants of a tenant changed: its viewers see what they see now, and leave channels that are no longer theirs."""

from collections.abc import Iterable, Sequence

import structlog

from common.db.reading import Reader
from common.errors import AppError
from common.issues.access import Access
from notifier.app import App
from notifier.domain import codes
from notifier.domain.channels import Target
from notifier.domain.client import Client
from notifier.domain.publication import Viewer
from notifier.domain.sight import Sight
from notifier.usecases.act_now import carry_out_now
from notifier.usecases.find_target import is_allowed
from notifier.usecases.read_sight import sight_of, with_access

log = structlog.get_logger(__name__)


async def look_again(tenant: str, app: App) -> None:
    """All clients of a tenant, one read for each member; who cannot be looked at comes back and is read then."""
    members: dict[tuple[str, str], list[Client]] = {}
    for client in app.connections.of_tenant(tenant):
        if client.viewer is not None:
            members.setdefault((client.viewer.user, client.viewer.role), []).append(client)
    for clients in members.values():
        await look_at(clients, app)


async def look_at(clients: Sequence[Client], app: App) -> None:
    """Clients of one member in one role; whatever goes wrong, nobody goes on with what he saw before."""
    viewer = next((client.viewer for client in clients if client.viewer is not None), None)
    if viewer is None:
        return
    targets = {target for client in clients for target in client.session.channels.values()}
    try:
        sight, denied = await _read(viewer, targets, app)
    except Exception as error:
        log.warning("grants_not_read", error=error.code if isinstance(error, AppError) else type(error).__name__)
        for client in clients:
            client.end(codes.STATE_INVALIDATED)
        return
    for client in clients:
        carry_out_now(client.session.granted(sight, denied), client, app)


async def _read(viewer: Viewer, targets: Iterable[Target], app: App) -> tuple[Sight, set[Target]]:
    async def look(reader: Reader, access: Access) -> tuple[Sight, set[Target]]:
        denied = {target for target in targets if not await is_allowed(target, viewer, reader, access)}
        return sight_of(access), denied

    return await with_access(viewer.tenant, viewer.user, viewer.role, look, app)
