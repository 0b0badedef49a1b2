"""What a reader asks of the audit log: filters come in, the actions they mean and what a cursor is bound to go out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from common.contracts.audit import ACTIONS
from common.ids import TenantId


class UnknownAction(ValueError):
    """There is no such action."""


@dataclass(frozen=True, slots=True)
class Question:
    """Values of one filter are alternatives, different filters add up; an empty filter lets everything through."""

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()  # whole names
    targets: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    after: datetime | None = None  # from this moment on
    before: datetime | None = None  # until just before this moment

    def bound_to(self, tenant: TenantId) -> str:
        """What a cursor holds for: this tenant and these filters."""
        text = repr((tenant, *(getattr(self, each.name) for each in fields(self))))
        return "audit:" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def used(self) -> tuple[str, ...]:
        """The names of the filters in use, for the log's own entry about the reading."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name))


def actions_named(names: Sequence[str]) -> tuple[str, ...]:
    """Whole names of actions; `member.` means all that begin with it. Raises `UnknownAction`."""
    found: dict[str, None] = {}
    for name in names:
        meant = [action for action in ACTIONS if action == name or (name.endswith(".") and action.startswith(name))]
        if not meant:
            raise UnknownAction(f"unknown action {name[:50]!r}; end a prefix with a dot, as in member.")
        found |= dict.fromkeys(meant)
    return tuple(found)
