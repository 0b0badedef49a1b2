"""A channel name and a viewer become the target that events meet, or nothing: strangers learn no more than that."""

from common.db.reading import Reader
from common.ids import ConnectionId, parse_id
from common.issues.access import Access
from notifier.app import App
from notifier.domain.channels import ChannelName, Kind, Target
from notifier.domain.publication import Viewer
from notifier.domain.sight import Sight
from notifier.store.lookups import find_connection, find_export, find_issue, find_project
from notifier.usecases.read_sight import sight_of, with_access


async def find_target(name: ChannelName, viewer: Viewer, app: App) -> tuple[Target | None, Sight]:
    """None for what does not exist, belongs to another tenant or may not be seen; and what is granted now."""
    own = {Kind.TENANT: viewer.tenant, Kind.USER: viewer.user}
    if name.kind in own:
        return (Target(viewer.tenant, name.kind, name.ident) if own[name.kind] == name.ident else None), viewer.sight

    async def look(reader: Reader, access: Access) -> tuple[Target | None, Sight]:
        return await _look_up(name, viewer, reader, access), sight_of(access)

    return await with_access(viewer.tenant, viewer.user, viewer.role, look, app)


async def _look_up(name: ChannelName, viewer: Viewer, reader: Reader, access: Access) -> Target | None:
    target = Target(viewer.tenant, name.kind, name.ident)
    if name.kind is Kind.PROJECT:
        project = await find_project(reader, parse_id("con", name.ident), name.project_key)
        target = target._replace(project_id="" if project is None else project)
    return target if await is_allowed(target, viewer, reader, access) else None


async def is_allowed(target: Target, viewer: Viewer, reader: Reader, access: Access) -> bool:
    """Whether a viewer may listen to a target now; asked when he subscribes, and again when grants change."""
    match target.kind:
        case Kind.TENANT | Kind.USER:
            return target.ident in (viewer.tenant, viewer.user)
        case Kind.CONNECTION:
            connection = parse_id("con", target.ident)
            seen = access.of(ConnectionId(connection)) is not None
            return seen or (viewer.manages_connections and await find_connection(reader, connection))
        case Kind.PROJECT:
            held = access.of(ConnectionId(parse_id("con", target.ident)))
            return held is not None and target.project_id != "" and held.sees_project(int(target.project_id))
        case Kind.ISSUE:
            return await find_issue(reader, parse_id("iss", target.ident), access)
        case Kind.EXPORT:
            return await find_export(reader, parse_id("exp", target.ident), access)
