"""A viewer comes in; what is granted to him now goes out, also when it changes while it is read."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from common.db.reading import Reader
from common.ids import TenantId, UserId, parse_id, public_id
from common.issues.access import Access, read_access
from common.issues.access import Viewer as Member
from notifier.app import App
from notifier.domain.sight import Seen, Sight

Found = TypeVar("Found")


async def with_access(
    tenant: str, user: str, role: str, look: Callable[[Reader, Access], Awaitable[Found]], app: App
) -> Found:
    """Runs `look` with fresh access in one transaction, once more when grants changed meanwhile."""
    member = Member(TenantId(parse_id("ten", tenant)), UserId(parse_id("usr", user)), role)
    while True:
        before = app.grants.count(tenant)
        async with app.db.read(member.tenant) as reader:
            found = await look(reader, await read_access(reader, member))
        if app.grants.count(tenant) == before:
            return found


def sight_of(access: Access) -> Sight:
    """Access in the words of events."""
    return {
        public_id("con", each.id): Seen(each.whole, frozenset(map(str, each.projects)), each.levels, each.classes)
        for each in access.connections
    }


async def read_sight(tenant: str, user: str, role: str, app: App) -> Sight:
    """What a member sees now."""

    async def look(_: Reader, access: Access) -> Sight:
        return sight_of(access)

    return await with_access(tenant, user, role, look, app)
