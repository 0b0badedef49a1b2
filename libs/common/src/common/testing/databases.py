"""Databases for tests: one migrated template, cloned for each test in a few ten milliseconds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import asyncpg
from filelock import FileLock
from pydantic import SecretStr

from common.bootstrap import GROUP, BootstrapContext, BootstrapSettings, Step
from common.db.database import Database
from common.db.provisioning import provision, with_database
from common.db.roles import SERVICE_ROLES
from common.settings import CryptoSettings, KafkaSettings, PostgresSettings, S3Settings

PASSWORD = "test-password"  # noqa: S105 - of a database that lives as long as the test run
MASTER_KEY = "dGVzdC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc="
ROOT = Path(__file__).resolve().parents[5]


@dataclass(frozen=True)
class TestDatabase:
    """A database of its own with all schemas; each service signs in with its own role."""

    __test__ = False

    admin_dsn: str

    def dsn(self, service: str) -> str:
        """The address of a service (`jira-sync`) with its role."""
        head, _, tail = self.admin_dsn.partition("://")
        return f"{head}://{SERVICE_ROLES[service]}:{PASSWORD}@{tail.rpartition('@')[2]}"

    def settings(self, service: str) -> PostgresSettings:
        """The settings of a service for this database."""
        return PostgresSettings(dsn=SecretStr(self.dsn(service)))

    def open(self, service: str, outbox: object = None) -> Database:
        """A `Database` of a service: `async with test_database.open("jira-sync", changes) as db:`."""
        return Database(self.settings(service), name=f"test {service}", outbox=outbox)  # type: ignore[arg-type]

    async def admin(self) -> asyncpg.Connection:
        """A superuser's connection; close it."""
        return await asyncpg.connect(self.admin_dsn)


def crypto_settings() -> CryptoSettings:
    """A master key for tests."""
    return CryptoSettings(master_keys={"k1": SecretStr(MASTER_KEY)}, active_key="k1")


def bootstrap_settings(
    admin_dsn: str, dsns: Mapping[str, str], kafka: KafkaSettings, s3: S3Settings
) -> BootstrapSettings:
    """What `common.bootstrap` takes, for a database of tests."""
    return BootstrapSettings(
        admin_dsn=SecretStr(admin_dsn),
        service_dsns={name: SecretStr(dsn) for name, dsn in dsns.items()},
        kafka=kafka,
        s3=s3,
        crypto=crypto_settings(),
        first_operator_password=SecretStr("operator-password-1"),
        first_owner_password=SecretStr("owner-password-123"),
    )


def migrations_digest() -> str:
    """A hash of everything that shapes the schemas, so that a template is made anew when it changes."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(repr(sorted(point.value for point in entry_points(group=GROUP))).encode())
    folders = [
        *ROOT.glob("services/*/migrations"),
        *ROOT.glob("services/*/src/*/store"),
        *ROOT.glob("services/*/src/*/*/store"),
        ROOT / "libs/common/src/common/db",
        ROOT / "libs/common/src/common/issues/tables.py",
    ]
    for folder in sorted(folders):
        for file in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
            digest.update(file.read_bytes())
    return digest.hexdigest()


async def make_template(admin_dsn: str, lock: Path, steps: Mapping[str, Step], settings: BootstrapSettings) -> str:
    """The name of the migrated template; made once, however many workers ask."""
    name = f"template_{migrations_digest()}"
    with FileLock(lock):
        connection = await asyncpg.connect(admin_dsn)
        try:
            if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate", name):
                return name
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()
        dsns = {service: TestDatabase(with_database(admin_dsn, name)).dsn(service) for service in SERVICE_ROLES}
        await provision(admin_dsn, dsns)
        for service, step in steps.items():
            await step(BootstrapContext(dsns[service], settings))
        connection = await asyncpg.connect(admin_dsn)
        try:
            await connection.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        finally:
            await connection.close()
    return name


async def clone(admin_dsn: str, template: str, name: str) -> TestDatabase:
    """A database with all schemas and no rows but those that the services' bootstrap makes."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        for role in SERVICE_ROLES.values():
            await connection.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO {role}')
    finally:
        await connection.close()
    return TestDatabase(with_database(admin_dsn, name))


async def drop(admin_dsn: str, name: str) -> None:
    """Drops a clone, also when somebody is still connected."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
