"""A member as it is shown."""

from auth.store.memberships import MemberRow
from common.contracts.http.auth import UserView
from common.ids import public_id


def member_view(row: MemberRow) -> UserView:
    return UserView(
        id=public_id("usr", row.member.user),
        email=row.email,
        name=row.name,
        role=row.member.role.value,
        active=row.member.active,
        created=row.created,
    )
