"""`python -m common.rewrap`: wraps data keys and signing keys under the active master key and says what is left.

To rotate the master key: add a new one, make it active, restart the services, run this until nothing is left,
then take the old one away. Services plug in by the entry-point group `jira_export.rewrap`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.crypto import Sealer
from common.db.data_keys import Rewrapped
from common.settings import CryptoSettings

GROUP = "jira_export.rewrap"


class RewrapSettings(BaseSettings):
    """Where the keys are, and the master keys: the old ones and the active one."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", frozen=True, extra="ignore")

    service_dsns: dict[str, SecretStr]
    crypto: CryptoSettings


@dataclass(frozen=True)
class RewrapContext:
    """What a service's step gets."""

    dsn: str
    master: Sealer


Step = Callable[[RewrapContext], Awaitable[Rewrapped]]


async def rewrap(settings: RewrapSettings) -> dict[str, Rewrapped]:
    """Runs every service's step; may be stopped and repeated."""
    master = Sealer(settings.crypto)
    done: dict[str, Rewrapped] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda found: found.name):
        if point.name in settings.service_dsns:
            step: Step = point.load()
            done[point.name] = await step(RewrapContext(settings.service_dsns[point.name].get_secret_value(), master))
    return done


def main() -> int:
    """Exit 0 when nothing is left under another master key."""
    done = asyncio.run(rewrap(RewrapSettings()))
    for service, keys in done.items():
        sys.stdout.write(f"{service}: {keys.done} wrapped anew, {keys.left} left\n")
    return 1 if any(keys.left for keys in done.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
