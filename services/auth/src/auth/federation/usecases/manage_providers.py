"""The identity providers of a tenant: set up, changed and removed by administrators, listed for sign-in pages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from auth.app import App
from auth.domain.platform import PLATFORM
from auth.domain.roles import Role
from auth.federation.domain.errors import ProviderRulesWrong, TooManyProviders
from auth.federation.domain.providers import Kind, Provider, Rules, check_rules
from auth.federation.store import providers as store
from auth.federation.usecases.begin_sign_in import find_open_tenant
from auth.federation.usecases.provider_secrets import seal_secret
from auth.usecases.answer_once import answer_once
from auth.usecases.auditing import Doer, audit
from common.db.idempotency import IdempotentRequest, KeptAnswer
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, new_id, public_id

_MOST = 20
_RULES = ("domains", "domain_role", "groups_claim", "group_roles", "site_role")


async def list_sign_in_providers(app: App, tenant_ref: str) -> Sequence[Provider]:
    """The same questions for a tenant that does not exist."""
    tenant = await find_open_tenant(app, tenant_ref)
    async with app.db.uow(PLATFORM if tenant is None else tenant.tenant) as tx:
        return await store.list_providers(tx, enabled_only=True)


async def list_all_providers(app: App, tenant: TenantId, *, after: UUID | None, limit: int) -> Sequence[Provider]:
    async with app.db.uow(tenant) as tx:
        return await store.list_providers(tx, after=after, limit=limit)


async def get_provider(app: App, tenant: TenantId, provider: UUID) -> Provider:
    async with app.db.uow(tenant) as tx:
        return await _get(tx, provider)


async def create_provider(
    app: App,
    tenant: TenantId,
    by: Doer,
    given: Mapping[str, Any],
    request: IdempotentRequest | None,
    answer: Callable[[Provider], KeptAnswer],
) -> KeptAnswer:
    """Only one that describes itself properly: whoever sets it up learns at once what is wrong."""
    values = dict(given)
    secret, kind = values.pop("client_secret"), Kind(values["kind"])
    check_rules(kind, _rules(values))
    if kind is Kind.ATLASSIAN:
        values["issuer"] = app.federation.atlassian.issuer
    else:
        await app.federation.openid.discovery.metadata(values["issuer"], anew=True)
    now = app.clock()

    async def write(tx: Tx) -> KeptAnswer:
        if await store.count_providers(tx) >= _MOST:
            raise TooManyProviders
        provider = new_id()
        await store.add_provider(tx, provider, {**values, **await _sealed(app, tx, provider, secret)}, now=now)
        await audit(tx, "provider.created", by=by, at=now, target=_target(provider), details={"kind": kind.value})
        return answer(await _get(tx, provider))

    return await answer_once(app, tenant, request, write)


async def change_provider(app: App, tenant: TenantId, by: Doer, provider: UUID, given: Mapping[str, Any]) -> Provider:
    values, now = dict(given), app.clock()
    async with app.db.uow(tenant) as tx:
        before = await _get(tx, provider, lock=True)
        check_rules(before.kind, _rules({**_written(before.rules), **values}))
        if "client_secret" in values:
            secret = values.pop("client_secret")
            if secret is None and before.kind is Kind.ATLASSIAN:
                raise ProviderRulesWrong(detail="Atlassian needs a client secret.")
            values |= await _sealed(app, tx, provider, secret)
        if values:
            await store.update_provider(tx, provider, values, now=now)
            details = {"changed": ",".join(sorted(given))}
            await audit(tx, "provider.changed", by=by, at=now, target=_target(provider), details=details)
        return await _get(tx, provider)


async def remove_provider(app: App, tenant: TenantId, by: Doer, provider: UUID) -> None:
    """Sessions that it opened go on, and the people stay members; their identities are known again if it comes back."""
    async with app.db.uow(tenant) as tx:
        await _get(tx, provider, lock=True)
        await store.remove_provider(tx, provider)
        await audit(tx, "provider.deleted", by=by, at=app.clock(), target=_target(provider))


async def _get(tx: Tx, provider: UUID, *, lock: bool = False) -> Provider:
    found = await store.find_provider(tx, provider, lock=lock)
    if found is None:
        raise NotFound
    return found


async def _sealed(app: App, tx: Tx, provider: UUID, secret: str | None) -> dict[str, Any]:
    if secret is None:
        return {"client_secret": None, "secret_key_id": None}
    sealed = await seal_secret(app, tx, provider, secret)
    return {"client_secret": sealed.blob, "secret_key_id": sealed.key_id}


def _target(provider: UUID) -> tuple[str, str]:
    return "provider", public_id("idp", provider)


def _written(rules: Rules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in _RULES}


def _rules(values: Mapping[str, Any]) -> Rules:
    def role(name: str) -> Role | None:
        return None if values.get(name) is None else Role(values[name])

    groups = {group: Role(name) for group, name in (values.get("group_roles") or {}).items()}
    return Rules(
        frozenset(values.get("domains") or ()),
        role("domain_role"),
        values.get("groups_claim"),
        groups,
        role("site_role"),
    )
