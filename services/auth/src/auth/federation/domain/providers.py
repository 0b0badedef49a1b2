"""An identity provider of a tenant, and what it said about a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from auth.domain.roles import Role
from auth.domain.sign_in_steps import Factor
from auth.federation.domain.errors import ProviderRulesWrong, PublicDomain


class Kind(StrEnum):
    OIDC = "oidc"
    ATLASSIAN = "atlassian"

    @property
    def factor(self) -> Factor:
        return Factor.OIDC if self is Kind.OIDC else Factor.ATLASSIAN


@dataclass(frozen=True, slots=True)
class Rules:
    """Who becomes a member at the first sign-in, and as what; `domains` also say whom the provider may speak for."""

    domains: frozenset[str] = frozenset()
    domain_role: Role | None = None
    groups_claim: str | None = None
    group_roles: Mapping[str, Role] | None = None
    site_role: Role | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """What a tenant's administrator set up; its client secret is kept apart."""

    provider: UUID
    kind: Kind
    name: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    enabled: bool
    rules: Rules
    secret_set: bool
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person as a provider describes them; `subject` alone is who it is, all else may change."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str | None = None
    groups: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()  # addresses of the person's Jira sites


#: Mailbox hosts where anybody may open an account: as a rule for membership they would let the whole world in.
PUBLIC_DOMAINS = frozenset({
    "126.com", "163.com", "aol.com", "bk.ru", "duck.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net",
    "googlemail.com", "hotmail.co.uk", "hotmail.com", "icloud.com", "inbox.ru", "internet.ru", "list.ru", "live.com",
    "mac.com", "mail.com", "mail.ru", "mailinator.com", "me.com", "msn.com", "outlook.com", "pm.me", "proton.me",
    "protonmail.com", "qq.com", "rambler.ru", "tutanota.com", "web.de", "ya.ru", "yahoo.co.uk", "yahoo.com",
    "yandex.com", "yandex.ru", "zoho.com",
})  # fmt: skip


def check_rules(kind: Kind, rules: Rules) -> None:
    """Raises what is wrong with them; an owner's role is refused although no request model lets it through."""
    public = sorted(rules.domains & PUBLIC_DOMAINS)
    if public:
        raise PublicDomain(detail=f"Anybody can get an address in {public[0]}.", extra={"domain": public[0]})
    if rules.group_roles and not rules.groups_claim:
        raise ProviderRulesWrong(detail="group_roles need groups_claim.")
    if kind is Kind.ATLASSIAN and (rules.groups_claim or rules.group_roles):
        raise ProviderRulesWrong(detail="Atlassian tells no groups.")
    if kind is Kind.OIDC and rules.site_role is not None:
        raise ProviderRulesWrong(detail="Only Atlassian tells a person's sites.")
    if Role.OWNER in {rules.domain_role, rules.site_role, *(rules.group_roles or {}).values()}:
        raise ProviderRulesWrong(detail="An owner is only ever made by an owner.")


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]
