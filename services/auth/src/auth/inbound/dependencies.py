"""What the doors ask of a request: the app, where it came from, and who is calling with a session that still runs."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any

from fastapi import Depends, Request

from auth.app import App
from auth.domain.accounts import Origin
from auth.domain.errors import NoTenant, SessionNeeded
from auth.domain.platform import PLATFORM
from auth.domain.roles import OPERATOR_ROLE
from auth.usecases.auditing import Doer, person
from auth.usecases.check_caller import check_caller
from common.errors import ScopeMissing
from common.ids import SessionId, TenantId, TokenId, UserId, parse_id
from common.web.tokens import Caller, Requirement, caller_of

_MAX_DEVICE = 200
#: Scopes that mean nothing outside a tenant.
_OF_TENANTS = ("users:", "tenant:", "tokens:")


@dataclass(frozen=True, slots=True)
class Person:
    """A caller whose session still runs; an operator stands in the platform instead of a tenant."""

    user: UserId
    tenant: TenantId
    session: SessionId
    scopes: frozenset[str]
    role: str
    by_cookie: bool = False
    api_token: TokenId | None = None
    bound: bool = False  # good for this tenant alone: a machine, or a session that the tenant's own provider opened

    @property
    def doer(self) -> Doer:
        """Whom the audit log names: a machine is told from the person who made its token."""
        if self.api_token is not None:
            return Doer("api_token", self.user, self.session)
        return person(self.user, self.tenant, self.session)

    @property
    def within(self) -> TenantId | None:
        """The only tenant of which this caller may see anything, or None for all of the person's."""
        return self.tenant if self.bound else None


def _app(request: Request) -> App:
    app: App = request.app.state.app
    return app


AppDep = Annotated[App, Depends(_app)]


def _origin(request: Request) -> Origin:
    """The address is the client's where a trusted proxy tells it (uvicorn reads X-Forwarded-For)."""
    device = "".join(char for char in request.headers.get("user-agent", "") if char.isprintable())
    host = request.client.host if request.client else ""
    try:
        address = str(ip_address(host))
    except ValueError:
        address = "unknown"
    return Origin(device[:_MAX_DEVICE] or None, address)


OriginDep = Annotated[Origin, Depends(_origin)]


async def person_of(request: Request, app: App) -> Person:
    """Auth asks its own tables, so here an ended session stops at once and not only when its token ends."""
    who = await caller_of(request)
    cookie: bool = request.state.by_cookie
    if not isinstance(who, Caller):
        await check_caller(app, PLATFORM, who.user, who.session)
        return Person(who.user, PLATFORM, who.session, who.scopes, OPERATOR_ROLE, cookie)
    machine = None if who.api_token is None else TokenId(parse_id("tok", who.api_token))
    bound = await check_caller(app, who.tenant, who.user, who.session, as_of=who.as_of, api_token=machine)
    return Person(who.user, who.tenant, who.session, who.scopes, who.role, cookie, machine, bound)


def signed_in(scope: str | None = None, *, machines: bool = False) -> Any:
    """Anybody with a living session, who must hold `scope` where one is named.

    What asks for no scope belongs to the person and not to the machines that hold tokens, but for `machines`.
    """

    async def somebody(request: Request, app: AppDep) -> Person:
        found = await person_of(request, app)
        if scope is None and not machines and found.api_token is not None:
            raise SessionNeeded
        if scope is not None and scope not in found.scopes:
            raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        if scope is not None and scope.startswith(_OF_TENANTS) and found.tenant == PLATFORM:
            raise NoTenant
        return found

    requirement = Requirement(somebody)
    # The way `common.web.tokens` marks its own requirements, so that OpenAPI and tests read them off the route.
    object.__setattr__(requirement, "needed_scope", scope)
    object.__setattr__(requirement, "who", "operator" if scope == "tenants:admin" else "anyone")
    return requirement


AnyoneDep = Annotated[Person, signed_in()]
AnyoneOrMachineDep = Annotated[Person, signed_in(machines=True)]
TokenAdminDep = Annotated[Person, signed_in("tokens:admin")]
MemberReaderDep = Annotated[Person, signed_in("users:read")]
MemberAdminDep = Annotated[Person, signed_in("users:admin")]
OperatorDep = Annotated[Person, signed_in("tenants:admin")]
