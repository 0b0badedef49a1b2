"""Who a request's token proves, asked before routing; whoever proves nothing is limited by his address alone."""

import time
from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import Scope

from api_gateway.gate.domain.charges import Member, network_of
from api_gateway.gate.domain.gcra import Charge, Limit, LocalBuckets
from common.errors import AppError
from common.web.api_tokens import API_TOKEN_PREFIX
from common.web.credentials import Credentials, credentials_of
from common.web.tokens import Caller, Operator, TokenVerifier

#: Under this key of a request's state stands the tenant whose member the token proves.
TENANT = "gate_tenant"


class Callers:
    """Asks the verifier, which remembers what it verified, so that the door's own question costs nothing."""

    def __init__(self, failures: Limit, now: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._buckets = LocalBuckets()
        self._now = now

    async def member_of(self, scope: Scope, address: str) -> Member | None:
        """None when the request proves nothing."""
        try:
            given = credentials_of(HTTPConnection(scope))
        except AppError:
            return None
        if self._is_guessing(given, address):
            return None
        verifier: TokenVerifier = scope["app"].state.verifier
        try:
            who: Caller | Operator = await verifier.verify(given.token)
        except AppError:
            self._note_failure(given, address)
            return None
        tenant = who.tenant if isinstance(who, Caller) else None
        scope.setdefault("state", {})[TENANT] = tenant
        return Member(who.user, who.session, tenant)

    def _is_guessing(self, given: Credentials, address: str) -> bool:
        """Each unknown API token is a question to auth: an address that only guesses may not ask for ever."""
        if not given.token.startswith(API_TOKEN_PREFIX):
            return False
        return self._buckets.charge(self._charge(address), 0, self._time()).standings[0].remaining == 0

    def _note_failure(self, given: Credentials, address: str) -> None:
        if given.token.startswith(API_TOKEN_PREFIX):
            self._buckets.charge(self._charge(address), 1, self._time())

    def _charge(self, address: str) -> tuple[Charge]:
        return (Charge(self._failures, network_of(address)),)

    def _time(self) -> int:
        return int(self._now() * 1_000_000)
