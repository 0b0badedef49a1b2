"""Who may change whom in a tenant: the actor, the member and the owners left in, a refusal or nothing out."""

from dataclasses import dataclass, field
from datetime import datetime

from auth.domain.errors import LastOwner, OwnerOnly
from auth.domain.roles import Role
from common.ids import UserId


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one tenant."""

    user: UserId
    role: Role
    active: bool = True
    changed: datetime | None = field(default=None, compare=False)

    @property
    def rules(self) -> bool:
        return self.role is Role.OWNER and self.active


def check_grant(actor: Role, role: Role) -> None:
    if role is Role.OWNER and actor is not Role.OWNER:
        raise OwnerOnly


def check_change(actor: Role, before: Member, after: Member | None, active_owners: int) -> None:
    """`after` is None when the member is removed; `active_owners` counts them as they stand before."""
    if before.role is Role.OWNER and actor is not Role.OWNER:
        raise OwnerOnly
    if after is not None and after.role is not before.role:
        check_grant(actor, after.role)
    if before.rules and (after is None or not after.rules) and active_owners <= 1:
        raise LastOwner
