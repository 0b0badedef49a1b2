"""What a use case of auth may use."""

import asyncio
from dataclasses import dataclass, field

from auth.accounts.outbound.mailers import Mailer
from auth.erasing.outbound.erasers import Erasers
from auth.federation.outbound.clients import ProviderClients
from auth.outbound.key_ring import KeyRing
from auth.outbound.passwords import Passwords
from auth.outbound.throttle import Throttle
from auth.settings import Settings
from auth.store.across_tenants import FINDER
from common.clock import Clock
from common.crypto import Sealer
from common.db.data_keys import TenantSealer
from common.db.database import Database

__all__ = ["FINDER", "App"]


@dataclass(frozen=True, slots=True)
class App:
    """Built once in `main.py` and handed to the doors."""

    settings: Settings
    db: Database
    clock: Clock
    sealer: Sealer
    passwords: Passwords
    throttle: Throttle
    ring: KeyRing
    federation: ProviderClients
    #: Seals what belongs to a tenant; `sealer` is for the platform's own signing keys.
    tenant_sealer: TenantSealer
    mailer: Mailer
    erasers: Erasers
    #: Set when a deletion was asked for.
    wake_eraser: asyncio.Event = field(default_factory=asyncio.Event)
