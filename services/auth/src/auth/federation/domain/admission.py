"""May this person in: what the provider says and what is known here in, an admission or a refusal out (ADR 0013).

An identity is (issuer, subject) within one tenant. An e-mail address only ever finds an account for the first link,
and only one that has nothing to lose by it: an ordinary member of this very tenant.
"""

from dataclasses import dataclass

from auth.domain.accounts import Account
from auth.domain.errors import AccountDisabled, NoMembership
from auth.domain.members import Member
from auth.domain.roles import Role
from auth.federation.domain.errors import EmailNotVerified, LinkNeedsProof
from auth.federation.domain.providers import Rules, Vouched, domain_of
from common.ids import UserId

_RANK = (Role.VIEWER, Role.MEMBER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Known:
    """What this installation knows: the account (linked before, or with this e-mail) and its place in the tenant."""

    account: Account | None
    linked: bool
    member: Member | None
    connected_sites: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Enter:
    """A member with a linked identity."""

    user: UserId


@dataclass(frozen=True, slots=True)
class Link:
    """A member whose identity is seen for the first time."""

    user: UserId


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody linked who is no member (any more), and whom a rule lets in."""

    user: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class Create:
    """Somebody new whom a rule lets in."""

    email: str
    name: str
    role: Role


Admission = Enter | Link | Join | Create


def admit(rules: Rules, vouched: Vouched, known: Known) -> Admission:
    account, member = known.account, known.member
    if account is not None and account.operator:
        raise NoMembership
    if known.linked and account is not None:
        return _linked(rules, vouched, known, account)
    if vouched.email is None or not vouched.email_verified:
        raise EmailNotVerified
    if account is None:
        return Create(vouched.email, vouched.name or vouched.email.partition("@")[0], _role(rules, vouched, known))
    if member is None or not member.active:
        # Somebody else's account, as far as this tenant may know: the same answer as when no rule fits.
        raise NoMembership
    if account.disabled:
        raise AccountDisabled
    if member.role is Role.OWNER or domain_of(vouched.email) not in rules.domains:
        raise LinkNeedsProof
    return Link(account.user)


def _linked(rules: Rules, vouched: Vouched, known: Known, account: Account) -> Admission:
    if account.disabled:
        raise AccountDisabled
    if known.member is None:
        return Join(account.user, _role(rules, vouched, known))
    if not known.member.active:
        raise NoMembership
    if known.member.role is Role.OWNER and account.password_hash is not None:
        # Administrators choose the providers: linked before he became owner, he would be theirs to enter as.
        raise LinkNeedsProof
    return Enter(account.user)


def _role(rules: Rules, vouched: Vouched, known: Known) -> Role:
    """The highest role of all rules that fit; raises when none does."""
    found = {role for group, role in (rules.group_roles or {}).items() if group in vouched.groups}
    verified = vouched.email is not None and vouched.email_verified
    if rules.domain_role is not None and verified and domain_of(vouched.email or "") in rules.domains:
        found.add(rules.domain_role)
    if rules.site_role is not None and vouched.sites & known.connected_sites:
        found.add(rules.site_role)
    if not found:
        raise NoMembership
    return max(found, key=_RANK.index)
