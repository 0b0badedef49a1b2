"""What the doors ask of a request: the app, where it came from, and who is calling with a session that still runs."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any

from fastapi import Depends, Request

from auth.app import App
from auth.domain.accounts import Origin
from auth.domain.errors import NoTenant, SessionEnded
from auth.domain.platform import PLATFORM
from auth.domain.roles import OPERATOR_ROLE
from auth.usecases.end_sessions import is_alive
from common.errors import ScopeMissing
from common.ids import SessionId, TenantId, UserId
from common.web.tokens import Caller, Requirement, TokenVerifier, bearer_of

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
    """Auth asks its own table, so here an ended session stops at once and not only when its token ends."""
    verifier: TokenVerifier = request.app.state.verifier
    who = await verifier.verify(bearer_of(request))
    if isinstance(who, Caller):
        person = Person(who.user, who.tenant, who.session, who.scopes, who.role)
    else:
        person = Person(who.user, PLATFORM, who.session, who.scopes, OPERATOR_ROLE)
    if not await is_alive(app, person.tenant, person.session):
        raise SessionEnded
    return person


def signed_in(scope: str | None = None) -> Any:
    """Anybody with a living session, who must hold `scope` where one is named."""

    async def person(request: Request, app: AppDep) -> Person:
        found = await person_of(request, app)
        if scope is not None and scope not in found.scopes:
            raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        if scope is not None and scope.startswith(_OF_TENANTS) and found.tenant == PLATFORM:
            raise NoTenant
        return found

    requirement = Requirement(person)
    # The way `common.web.tokens` marks its own requirements, so that OpenAPI and tests read them off the route.
    object.__setattr__(requirement, "needed_scope", scope)
    object.__setattr__(requirement, "who", "operator" if scope == "tenants:admin" else "anyone")
    return requirement


AnyoneDep = Annotated[Person, signed_in()]
MemberAdminDep = Annotated[Person, signed_in("users:admin")]
OperatorDep = Annotated[Person, signed_in("tenants:admin")]
