"""A channel name and a viewer become the target that events meet, or nothing: strangers learn no more than that."""

from common.ids import TenantId, parse_id
from common.issues.access import Access
from notifier.app import App
from notifier.domain.channels import ChannelName, Kind, Target
from notifier.domain.publication import Viewer
from notifier.store.lookups import find_connection, find_export, find_issue, find_project


async def find_target(name: ChannelName, viewer: Viewer, app: App) -> Target | None:
    """None for what does not exist, belongs to another tenant or may not be seen."""
    own = {Kind.TENANT: viewer.tenant, Kind.USER: viewer.user}
    if name.kind in own:
        return Target(viewer.tenant, name.kind, name.ident) if own[name.kind] == name.ident else None
    tenant = TenantId(parse_id("ten", viewer.tenant))
    access = Access(tenant, viewer.levels, viewer.classes)
    async with app.db.read(tenant) as reader:
        if name.kind is Kind.PROJECT:
            project = await find_project(reader, parse_id("con", name.ident), name.project_key)
            return None if project is None else Target(viewer.tenant, Kind.PROJECT, name.ident, project)
        if name.kind is Kind.CONNECTION:
            found = await find_connection(reader, parse_id("con", name.ident))
        elif name.kind is Kind.ISSUE:
            found = await find_issue(reader, parse_id("iss", name.ident), access)
        else:
            found = await find_export(reader, parse_id("exp", name.ident), access)
    return Target(viewer.tenant, name.kind, name.ident) if found else None
