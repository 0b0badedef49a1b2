"""Auth's step of the installation: migrations, the first operator, the first tenant and its owner; may be repeated."""

import sys
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr, TypeAdapter

from auth.domain.accounts import Account
from auth.domain.passwords import check_new_password, random_password
from auth.domain.platform import PLATFORM
from auth.domain.roles import Role
from auth.outbound.passwords import Argon2Passwords
from auth.store.accounts import add_operator, find_account_by_email, find_first_operator, get_or_add_account
from auth.store.across_tenants import FINDER
from auth.store.memberships import add_member
from auth.store.tables import data_keys, outbox
from auth.store.tenants import add_tenant, find_tenant_by_slug, lock_directory
from auth.usecases.rotate_signing_keys import rewrap_signing_keys
from common.bootstrap import BootstrapContext, BootstrapSettings
from common.clock import utc_now
from common.contracts.http.auth import EmailAddress, Slug
from common.db.data_keys import Rewrapped, rewrap_data_keys
from common.db.database import Database
from common.db.unit_of_work import Tx
from common.ids import TenantId, UserId, new_id
from common.rewrap import RewrapContext
from common.settings import PostgresSettings

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


async def bootstrap(context: BootstrapContext) -> None:
    """What is there is left as it is; above all a password."""
    settings = context.settings
    operator = _address(settings.first_operator_email, "FIRST_OPERATOR_EMAIL")
    owner = _address(settings.first_owner_email, "FIRST_OWNER_EMAIL")
    if operator == owner:
        raise ValueError("FIRST_OPERATOR_EMAIL and FIRST_OWNER_EMAIL must differ: an operator belongs to no tenant")
    await context.migrate(MIGRATIONS, "auth")
    passwords = Argon2Passwords(threads=1, queue=1)
    try:
        async with Database(
            PostgresSettings(dsn=SecretStr(context.dsn)), name="auth bootstrap", outbox=outbox
        ) as database:
            seed = _Seed(database, passwords, utc_now())
            await seed.operator(operator, settings.first_operator_password)
            await seed.tenant(settings, owner)
    finally:
        passwords.close()


async def rewrap(context: RewrapContext) -> Rewrapped:
    """Puts data keys of tenants and the platform's signing keys under the active master key."""
    async with Database(PostgresSettings(dsn=SecretStr(context.dsn)), name="auth rewrap") as database:
        done = await rewrap_data_keys(database, data_keys, context.master, finder=FINDER)
        return done + await rewrap_signing_keys(database, context.master)


class _Seed:
    """One run; a made-up password is told only after its account is committed."""

    def __init__(self, database: Database, passwords: Argon2Passwords, now: datetime) -> None:
        self._database = database
        self._passwords = passwords
        self._now = now

    async def operator(self, email: str, given: SecretStr | None) -> None:
        password = _password(email, given)
        fresh = await self._account(email, "Operator", password)
        async with self._database.uow(PLATFORM) as tx:
            await lock_directory(tx)
            if await find_first_operator(tx) is not None:
                return
            is_new, user = await self._person(tx, fresh)
            await add_operator(tx, user, now=self._now)
        _tell("operator", email, password if is_new and given is None else None)

    async def tenant(self, settings: BootstrapSettings, email: str) -> None:
        slug = TypeAdapter(Slug).validate_python(settings.first_tenant_slug)
        password = _password(email, settings.first_owner_password)
        fresh = await self._account(email, "Owner", password)
        tenant = TenantId(new_id())
        async with self._database.uow(tenant) as tx:
            await lock_directory(tx)
            if await find_tenant_by_slug(tx, slug) is not None:
                return
            if not await add_tenant(tx, tenant, slug, settings.first_tenant_name, now=self._now):
                return
            is_new, user = await self._person(tx, fresh)
            await add_member(tx, user, Role.OWNER, now=self._now)
        _tell("owner", email, password if is_new and settings.first_owner_password is None else None)

    async def _account(self, email: str, name: str, password: str) -> Account:
        hashed = await self._passwords.hash(password)
        return Account(UserId(new_id()), email, name, "en", hashed, disabled=False, operator=False)

    async def _person(self, tx: Tx, fresh: Account) -> tuple[bool, UserId]:
        before = await find_account_by_email(tx, fresh.email)
        return before is None, (await get_or_add_account(tx, fresh, now=self._now)).user


def _address(text: str, setting: str) -> str:
    try:
        return str(TypeAdapter(EmailAddress).validate_python(text))
    except ValueError as error:
        raise ValueError(f"{setting} is no e-mail address: {error}") from None


def _password(email: str, given: SecretStr | None) -> str:
    if given is None:
        return random_password()
    check_new_password(given.get_secret_value(), email)
    return given.get_secret_value()


def _tell(what: str, email: str, password: str | None) -> None:
    """The only time that a made-up password is seen; the log never gets it."""
    if password is not None:
        sys.stdout.write(f"First {what}: {email}, password: {password}\n")
        sys.stdout.flush()
