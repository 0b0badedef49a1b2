"""Invitations as they are shown."""

from auth.accounts.store.invitations import Invitation
from common.contracts.http.invitations import InvitationView
from common.ids import public_id


def invitation_view(item: Invitation) -> InvitationView:
    return InvitationView(
        id=public_id("inv", item.invitation),
        email=item.email,
        role=item.role.value,
        created=item.created,
        created_by=None if item.created_by is None else public_id("usr", item.created_by),
        expires=item.expires,
    )
