"""What the gateway's use cases may use."""

from dataclasses import dataclass, field

from api_gateway.audit.domain.own_entries import OwnEntries
from api_gateway.domain.cursors import CursorSigner
from api_gateway.outbound.body_cache import BodyCache
from api_gateway.outbound.peers import HttpPeers
from api_gateway.outbound.redis_keys import RedisKeys
from common.clock import Clock
from common.db.database import Database
from common.settings import InternalSettings


@dataclass(frozen=True, slots=True)
class App:
    """Built once in `main.py`, handed down by the doors."""

    db: Database
    bodies: BodyCache
    peers: HttpPeers
    cursors: CursorSigner
    internal: InternalSettings
    clock: Clock
    redis_keys: RedisKeys
    own_entries: OwnEntries = field(default_factory=OwnEntries)
