"""Codes, refresh families and access tokens of the one registered app; time is the site's clock."""

import secrets
from dataclasses import dataclass, field

from jira_simulator.model.records import Account
from jira_simulator.model.site import Site

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
CODE_LIFE = 5 * _MINUTE
INACTIVITY = 90 * _DAY
ABSOLUTE_LIFE = 365 * _DAY


class GrantRefused(Exception):
    """Atlassian's 403 invalid_grant, with its sentence."""


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """As it stands in the developer console; redirect addresses are compared letter by letter."""

    client_id: str = "sim-oauth-client"
    client_secret: str = "sim-oauth-secret"
    redirects: tuple[str, ...] = ()


@dataclass(slots=True)
class Code:
    account: Account
    redirect: str
    scopes: frozenset[str]
    expires: int
    used: bool = False


@dataclass(slots=True)
class Family:
    """All refresh tokens that came from one consent."""

    account: Account
    scopes: frozenset[str]
    born: int
    revoked: bool = False


@dataclass(slots=True)
class Refresh:
    family: Family
    issued: int
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    account: Account
    scopes: frozenset[str]
    expires: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token door hands out; no refresh token without `offline_access`."""

    access: str
    refresh: str | None
    scopes: frozenset[str]
    expires_in: int  # seconds


@dataclass(slots=True)
class Rules:
    """What a control door may change."""

    consent: str = "page"  # page | auto
    account: str = "main"  # main | limited: who consents by himself
    reuse_leeway_ms: int = 10 * _MINUTE
    access_life_ms: int = 60 * _MINUTE
    account_status: str = "active"
    sites_open: bool = True


@dataclass(slots=True)
class Grants:
    """In memory, like the rest of the site."""

    app: OAuthApp
    site: Site
    rules: Rules = field(default_factory=Rules)
    _codes: dict[str, Code] = field(default_factory=dict)
    _refreshes: dict[str, Refresh] = field(default_factory=dict)
    _accesses: dict[str, Access] = field(default_factory=dict)

    def now(self) -> int:
        return self.site.now()

    def issue_code(self, account: Account, redirect: str, scopes: frozenset[str]) -> str:
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(account, redirect, scopes, self.now() + CODE_LIFE)
        return code

    def redeem_code(self, code: str, redirect: str) -> Tokens:
        found = self._codes.get(code)
        if found is None or found.used or found.redirect != redirect or self.now() >= found.expires:
            raise GrantRefused("Invalid authorization code")
        found.used = True
        return self._hand_out(Family(found.account, found.scopes, self.now()))

    def refresh(self, token: str) -> Tokens:
        """Each use rotates. A used one is good for another pair within the leeway; after that it ends its family."""
        found, now = self._refreshes.get(token), self.now()
        if found is None or found.family.revoked:
            raise GrantRefused("Unknown or invalid refresh token.")
        if now - found.issued >= INACTIVITY or now - found.family.born >= ABSOLUTE_LIFE:
            raise GrantRefused("Unknown or invalid refresh token.")
        if found.used is not None and now - found.used > self.rules.reuse_leeway_ms:
            found.family.revoked = True
            raise GrantRefused("Unknown or invalid refresh token.")
        found.used = now if found.used is None else found.used
        return self._hand_out(found.family)

    def find_access(self, token: str) -> Access | None:
        found = self._accesses.get(token)
        return found if found is not None and self.now() < found.expires else None

    def revoke_all(self) -> None:
        """As when people withdraw their consent: nothing that was handed out works any more."""
        for refresh in self._refreshes.values():
            refresh.family.revoked = True
        self._accesses.clear()
        self._codes.clear()

    def _hand_out(self, family: Family) -> Tokens:
        access, now = secrets.token_urlsafe(48), self.now()
        self._accesses[access] = Access(family.account, family.scopes, now + self.rules.access_life_ms)
        refresh = None
        if "offline_access" in family.scopes:
            refresh = secrets.token_urlsafe(48)
            self._refreshes[refresh] = Refresh(family, now)
        return Tokens(access, refresh, family.scopes, self.rules.access_life_ms // 1000)
