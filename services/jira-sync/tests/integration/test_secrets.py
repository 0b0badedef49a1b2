"""Secrets of connections on a real Postgres: one data key per tenant, under a master key that can be rotated."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from common.bootstrap import BootstrapContext
from common.crypto import CannotUnseal, Sealer
from common.db.data_keys import TenantSealer
from common.db.database import Database
from common.ids import ConnectionId, TenantId
from common.rewrap import RewrapContext
from common.settings import CryptoSettings, KafkaSettings, S3Settings
from common.testing.databases import MASTER_KEY, TestDatabase, bootstrap_settings, crypto_settings
from jira_sync.bootstrap import bootstrap, rewrap
from jira_sync.store.secrets import Secrets, get_secrets, put_secrets
from jira_sync.store.tables import connection_secrets, data_keys

A, B = TenantId(UUID(int=0xA)), TenantId(UUID(int=0xB))
CONNECTION = ConnectionId(UUID(int=0xC))
SECRETS = Secrets("a-token-of-jira", "a-secret-of-hooks")
NEW_KEY = base64.b64encode(b"n" * 32).decode()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def master(active: str = "k1", **keys: str) -> Sealer:
    named = {name: SecretStr(key) for name, key in (keys or {"k1": MASTER_KEY}).items()}
    return Sealer(CryptoSettings(master_keys=named, active_key=active))


def sealer(active: str = "k1", **keys: str) -> TenantSealer:
    return TenantSealer(master(active, **keys), data_keys)


@pytest.fixture
async def db(test_database: TestDatabase) -> AsyncIterator[Database]:
    async with test_database.open("jira-sync") as database:
        yield database


async def _put(db: Database, tenant: TenantId, connection: ConnectionId = CONNECTION) -> None:
    async with db.uow(tenant) as tx:
        await put_secrets(tx, sealer(), connection, SECRETS, at=NOW)


async def _get(db: Database, tenant: TenantId, seals: TenantSealer, connection: ConnectionId = CONNECTION) -> Secrets:
    async with db.uow(tenant) as tx:
        return await get_secrets(tx, seals, connection)


async def test_secrets_come_back_and_stand_under_the_tenants_own_key(db: Database) -> None:
    await _put(db, A)
    await _put(db, B)
    assert await _get(db, A, sealer()) == SECRETS
    keys = {}
    for tenant in (A, B):
        async with db.uow(tenant) as tx:
            (row,) = (await tx.execute(tx.select(data_keys))).all()
            (kept,) = (await tx.execute(tx.select(connection_secrets))).all()
        assert kept.key_id == "data:1"
        assert SECRETS.credential.encode() not in kept.sealed
        keys[tenant] = row.wrapped
    assert keys[A] != keys[B]


async def test_a_tenants_key_opens_nothing_of_another_tenant(db: Database) -> None:
    await _put(db, A)
    await _put(db, B)
    async with db.uow(A) as tx:
        (of_a,) = (await tx.execute(tx.select(connection_secrets))).all()
        (key_of_a,) = (await tx.execute(tx.select(data_keys))).all()
    # B gets A's sealed secret, and then A's key with it: neither opens.
    for stolen in ({}, {"wrapped": key_of_a.wrapped}):
        async with db.uow(B) as tx:
            await tx.execute(tx.update(connection_secrets).values(sealed=of_a.sealed))
            if stolen:
                await tx.execute(tx.update(data_keys).values(**stolen))
        with pytest.raises(CannotUnseal):
            await _get(db, B, sealer())
    with pytest.raises(CannotUnseal):  # nor does B seal anything under A's key
        await _put(db, B)


async def test_first_secrets_at_the_same_time_share_one_key(db: Database) -> None:
    connections = [ConnectionId(UUID(int=number)) for number in range(1, 9)]
    await asyncio.gather(*(_put(db, A, connection) for connection in connections))
    for connection in connections:
        assert await _get(db, A, sealer(), connection) == SECRETS
    async with db.uow(A) as tx:
        assert len((await tx.execute(tx.select(data_keys))).all()) == 1


async def test_without_its_data_key_a_secret_stays_closed_and_memory_forgets(db: Database) -> None:
    await _put(db, A)
    seals = sealer()
    assert await _get(db, A, seals) == SECRETS
    async with db.uow(A) as tx:
        await tx.execute(tx.delete(data_keys))
    seals.forget(A)
    with pytest.raises(CannotUnseal):
        await _get(db, A, seals)


async def test_a_missing_master_key_fails_closed_with_its_code(db: Database) -> None:
    await _put(db, A)
    with pytest.raises(CannotUnseal) as raised:
        await _get(db, A, sealer("k2", k2=NEW_KEY))
    assert raised.value.code == "crypto.cannot_unseal"
    assert "k1" in str(raised.value.detail)
    with pytest.raises(CannotUnseal):
        async with db.uow(A) as tx:
            await put_secrets(tx, sealer("k2", k2=NEW_KEY), ConnectionId(UUID(int=2)), SECRETS, at=NOW)


async def test_rewrapping_puts_every_key_under_the_active_one_and_says_what_is_left(
    db: Database, test_database: TestDatabase
) -> None:
    await _put(db, A)
    await _put(db, B)
    dsn = test_database.dsn("jira-sync")
    without_old = await rewrap(RewrapContext(dsn, master("k2", k2=NEW_KEY)))
    assert (without_old.done, without_old.left) == (0, 2)
    both = master("k2", k1=MASTER_KEY, k2=NEW_KEY)
    assert (await rewrap(RewrapContext(dsn, both))).done == 2
    again = await rewrap(RewrapContext(dsn, both))
    assert (again.done, again.left) == (0, 0)
    for tenant in (A, B):
        assert await _get(db, tenant, sealer("k2", k2=NEW_KEY)) == SECRETS


async def test_bootstrap_seals_anew_what_stood_under_the_master_key(
    db: Database, test_database: TestDatabase, kafka_settings: KafkaSettings, s3_settings: S3Settings
) -> None:
    text = b'{"credential":"a-token-of-jira","webhook":"a-secret-of-hooks"}'
    old = master().seal(text, owner=A.bytes + CONNECTION.bytes)
    await _put(db, A)
    admin = await test_database.admin()
    await admin.execute(
        "INSERT INTO jira.connections (tenant_id, connection_id, name, base_url, site, deployment, auth_method,"
        " account, phase, created_at, updated_at)"
        " SELECT $1, $2, 'x', 'http://jira.example.com', 's', 'cloud', 'api_token', 'a', 'paused', now(), now()",
        A,
        CONNECTION,
    )
    await admin.close()
    async with db.uow(A) as tx:
        await tx.execute(tx.update(connection_secrets).values(key_id=old.key_id, sealed=old.blob))
    assert await _get(db, A, sealer()) == SECRETS  # nobody is cut off before bootstrap ran
    settings = bootstrap_settings(test_database.admin_dsn, {}, kafka_settings, s3_settings)
    for _ in range(2):
        await bootstrap(BootstrapContext(test_database.dsn("jira-sync"), settings))
        async with db.uow(A) as tx:
            (row,) = (await tx.execute(tx.select(connection_secrets))).all()
        assert row.key_id == "data:1"
        assert await _get(db, A, sealer()) == SECRETS


def test_master_keys_come_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(f'{{"k1": "{MASTER_KEY}"}}')
    from_file = Sealer(CryptoSettings(master_keys_file=str(file), active_key="k1"))
    sealed = Sealer(crypto_settings()).seal(b"x", owner=b"o")
    assert from_file.unseal(sealed, owner=b"o") == b"x"
    for text in ("[]", "{", '{"k1": 1}', '{"k1": "short"}', f'{{"data:1": "{MASTER_KEY}"}}'):
        file.write_text(text)
        with pytest.raises(ValueError, match=r"master|MASTER") as raised:
            Sealer(CryptoSettings(master_keys_file=str(file), active_key="k1"))
        assert MASTER_KEY not in str(raised.value)
    with pytest.raises(ValueError, match="cannot be read"):
        Sealer(CryptoSettings(master_keys_file=str(tmp_path / "away"), active_key="k1"))
