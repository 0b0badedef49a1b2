"""Client secrets of identity providers at rest: sealed for one tenant and one provider, opened for nobody else."""

from uuid import UUID

from auth.app import App
from auth.federation.store.providers import find_sealed_secret
from common.crypto import Sealed
from common.db.unit_of_work import Tx
from common.ids import TenantId


async def seal_secret(app: App, tx: Tx, provider: UUID, secret: str) -> Sealed:
    return await app.tenant_sealer.seal(tx, secret.encode(), owner=_owner(tx.tenant, provider))


async def find_secret(app: App, tx: Tx, provider: UUID) -> str | None:
    sealed = await find_sealed_secret(tx, provider)
    if sealed is None:
        return None
    return (await app.tenant_sealer.unseal(tx, sealed, owner=_owner(tx.tenant, provider))).decode()


def _owner(tenant: TenantId, provider: UUID) -> bytes:
    return f"auth.identity_providers:{tenant}:{provider}".encode()
