"""The door of every sign-in: what a person has proved and what the tenant asks for in, the next step out.

A second factor later is one more group in a policy and one more `Factor`; no door that proves something changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from auth.domain.accounts import Account, Place
from auth.domain.seats import Seat, choose_seat


class Factor(StrEnum):
    """What can be proved; the names are those of a session's `method`."""

    PASSWORD = "password"  # noqa: S105 - the name of a factor
    OIDC = "oidc"
    ATLASSIAN = "atlassian"


#: What proves a person to everybody. All else is one tenant's provider speaking, and so good for that tenant alone.
UNBOUND = frozenset({Factor.PASSWORD})


@dataclass(frozen=True, slots=True)
class Policy:
    """Of each group one factor must be proved."""

    groups: tuple[frozenset[Factor], ...]


@dataclass(frozen=True, slots=True)
class Proved:
    """A person and what has been proved of him so far; the first factor names the session's method."""

    account: Account
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Nothing is missing: a session may start in this seat."""

    seat: Seat
    method: Factor


@dataclass(frozen=True, slots=True)
class AskFactor:
    """One of these has to be proved before there is a session."""

    seat: Seat
    one_of: frozenset[Factor]


Step = OpenSession | AskFactor

#: Any one way of signing in is enough.
ONE_FACTOR = Policy((frozenset(Factor),))


def next_step(proved: Proved, places: Sequence[Place], wanted: str | None, policy: Policy = ONE_FACTOR) -> Step:
    """Raises as `choose_seat` does; says nothing about a person who has proved nothing."""
    if not proved.factors:
        raise ValueError("a sign-in begins with a proof")
    seat = choose_seat(proved.account, places, wanted)
    for group in policy.groups:
        if group.isdisjoint(proved.factors):
            return AskFactor(seat, group)
    return OpenSession(seat, proved.factors[0])
