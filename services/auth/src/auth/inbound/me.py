"""The signed-in person: seen and changed."""

from fastapi import APIRouter

from auth.domain.accounts import Place, Tenant
from auth.domain.errors import WrongCurrentPassword
from auth.inbound.dependencies import AnyoneDep, AnyoneOrMachineDep, AppDep, OriginDep, Person
from auth.usecases.manage_me import NewPassword, Whoami, change_me, get_me
from common.contracts.http.auth import Me, MePatch, MyTenant, TenantSummary
from common.ids import public_id

router = APIRouter(prefix="/api/v1/me", tags=["me"])


@router.get("", summary="Who is signed in, where, and what the token lets through")
async def me(person: AnyoneOrMachineDep, app: AppDep) -> Me:
    return _view(await get_me(app, person.user), person)


@router.patch("", summary="Change name, language or password")
async def patch_me(body: MePatch, person: AnyoneDep, app: AppDep, origin: OriginDep) -> Me:
    values = body.model_dump(include={"name", "locale"}, exclude_none=True)
    password = _new_password(body, origin.address)
    where = (person.tenant, person.session)
    return _view(await change_me(app, person.user, *where, values, password, bound=person.bound), person)


def _new_password(body: MePatch, address: str) -> NewPassword | None:
    if body.new_password is None:
        return None
    if body.current_password is None:
        raise WrongCurrentPassword(detail="Send current_password with new_password.")
    return NewPassword(body.current_password.get_secret_value(), body.new_password.get_secret_value(), address)


def _view(whoami: Whoami, person: Person) -> Me:
    account = whoami.account
    here = next((place.tenant for place in whoami.places if place.tenant.tenant == person.tenant), None)
    return Me(
        id=public_id("usr", account.user),
        email=account.email,
        name=account.name,
        locale="ru" if account.locale == "ru" else "en",
        operator=account.operator,
        tenant=None if here is None else TenantSummary(**_summary(here)),
        role=person.role,
        scopes=sorted(person.scopes),
        session_id=public_id("ses", person.session),
        tenants=[_mine(place) for place in whoami.places if person.within in (None, place.tenant.tenant)],
    )


def _mine(place: Place) -> MyTenant:
    return MyTenant(**_summary(place.tenant), role=place.role.value)


def _summary(tenant: Tenant) -> dict[str, str]:
    return {"id": public_id("ten", tenant.tenant), "name": tenant.name, "slug": tenant.slug}
