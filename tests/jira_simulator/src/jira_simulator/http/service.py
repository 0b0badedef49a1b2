"""The running simulator: site, accounts, writes, search, faults, limits, webhooks and counters in one place."""

import secrets
from dataclasses import dataclass, field

from jira_simulator.faults.plan import FaultPlan
from jira_simulator.generate.accounts import Door
from jira_simulator.http.limits import RateLimits
from jira_simulator.http.stats import Stats
from jira_simulator.jql.search import Searcher
from jira_simulator.model.site import Site
from jira_simulator.oauth.grants import Grants
from jira_simulator.webhooks.delivery import Delivery
from jira_simulator.webhooks.registry import Registry
from jira_simulator.write.desk import Desk


@dataclass(slots=True)
class Service:
    site: Site
    door: Door
    faults: FaultPlan
    stats: Stats
    registry: Registry
    delivery: Delivery
    desk: Desk
    searcher: Searcher
    grants: Grants
    limits: RateLimits | None = None
    latency_ms: int = 0
    signing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
