"""`python -m common.bootstrap`: makes an installation usable, anywhere, again and again.

Roles and schemas, migrations, topics, bucket, first operator and tenant. Services plug in by the entry-point
group `jira_export.bootstrap`, so that this module knows none of them.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import asyncpg
import structlog
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.crypto import Sealer
from common.db.migrating import migrate
from common.db.provisioning import database_of, provision, with_database
from common.db.roles import SERVICE_ROLES
from common.messaging.kafka import ensure_topics
from common.settings import CryptoSettings, KafkaSettings, LogSettings, S3Settings
from common.telemetry.logs import set_up_logs
from common.telemetry.redaction import know_secrets

log = structlog.get_logger(__name__)

GROUP = "jira_export.bootstrap"


class BootstrapSettings(BaseSettings):
    """What a fresh installation is made of."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", frozen=True, extra="ignore", hide_input_in_errors=True)

    admin_dsn: SecretStr
    service_dsns: dict[str, SecretStr]
    kafka: KafkaSettings
    s3: S3Settings
    crypto: CryptoSettings
    log: LogSettings = LogSettings(format="text")
    first_operator_email: str = "operator@example.com"
    first_operator_password: SecretStr | None = None
    first_tenant_name: str = "Demo"
    first_tenant_slug: str = "demo"
    first_owner_email: str = "owner@example.com"
    first_owner_password: SecretStr | None = None
    wait_seconds: int = 120


@dataclass(frozen=True)
class BootstrapContext:
    """What a service's step gets: its own address, and all settings."""

    dsn: str
    settings: BootstrapSettings

    async def migrate(self, scripts: Path, schema: str) -> None:
        """Brings the service's schemas to their newest revision, as their owner, which the service itself never is."""
        admin = with_database(self.settings.admin_dsn.get_secret_value(), database_of(self.dsn))
        await migrate(scripts, admin, schema)


Step = Callable[[BootstrapContext], Awaitable[None]]


async def bootstrap(settings: BootstrapSettings) -> None:
    """Runs every step; waits for Postgres and Kafka, because in a cluster all of them start at once."""
    Sealer(settings.crypto)  # a wrong master key must be told now and not at the first secret
    dsns = {name: dsn.get_secret_value() for name, dsn in settings.service_dsns.items()}
    deadline = time.monotonic() + settings.wait_seconds
    await _patiently("postgres", lambda: provision(settings.admin_dsn.get_secret_value(), dsns), deadline)
    steps = {point.name: point for point in entry_points(group=GROUP)}
    for service in SERVICE_ROLES:
        if service in steps and service in dsns:
            step: Step = steps[service].load()
            await step(BootstrapContext(dsns[service], settings))
            log.info("bootstrapped", service_name=service)
    await _patiently("kafka", lambda: ensure_topics(settings.kafka), deadline)
    log.info("bootstrap_done")


async def _patiently(part: str, step: Callable[[], Awaitable[None]], deadline: float) -> None:
    away = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, ConnectionError)
    while True:
        try:
            await step()
        except ValueError:
            raise
        except Exception as error:
            kafka_away = type(error).__module__.startswith("aiokafka")
            if not (isinstance(error, away) or kafka_away) or time.monotonic() > deadline:
                raise
            log.info("bootstrap_waits", part=part, error=type(error).__name__)
            await asyncio.sleep(1)
        else:
            return


def main() -> int:
    """Exit 0 when the installation is usable."""
    settings = BootstrapSettings()
    know_secrets(settings)
    set_up_logs(settings.log, service="bootstrap")
    asyncio.run(bootstrap(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
