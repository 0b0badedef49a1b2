"""Happenings in, signed webhook requests out: at least once on Cloud, once on Data Center, in no promised order."""

import asyncio
import contextlib
import logging
import random
import uuid
from dataclasses import dataclass, field

import httpx
import orjson

from jira_simulator.faults.plan import FaultPlan
from jira_simulator.http.stats import Stats
from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.evaluate import compile_node
from jira_simulator.jql.fields import Asker
from jira_simulator.jql.parser import parse
from jira_simulator.model.records import Account
from jira_simulator.model.site import Site
from jira_simulator.shapes.view import View
from jira_simulator.webhooks.bodies import webhook_body
from jira_simulator.webhooks.registry import Registry, Webhook
from jira_simulator.webhooks.signature import hub_signature
from jira_simulator.write.happening import Happening

log = logging.getLogger(__name__)

_RETRIED = {408, 409, 425, 429}
_MOST_RETRIES = 5
_MOST_BYTES = 25 * 1024 * 1024
_REORDER_MS = (50, 400)
_SECONDARY_MS = 200
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery; its identifier stays the same over all retries and doubles."""

    url: str
    body: bytes
    identifier: str
    flow: str
    secret: str | None


@dataclass(slots=True)
class Delivery:
    """`retry_ms` compresses Cloud's schedule of 5 to 15 minutes between attempts."""

    site: Site
    registry: Registry
    faults: FaultPlan
    stats: Stats
    account: Account
    retry_ms: tuple[int, int] = (500, 1500)
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _client: httpx.AsyncClient | None = None
    _gate: asyncio.Semaphore | None = None

    def tell(self, happening: Happening) -> None:
        for hook in self.registry.listening(happening.event):
            if self._wanted(hook, happening):
                self._post(hook, happening)

    def _wanted(self, hook: Webhook, happening: Happening) -> bool:
        """Filters speak of the issue as it is now, not of what the index knows."""
        if not hook.jql:
            return True
        try:
            where = parse(hook.jql).where
            asker = Asker(self.site, self.account, self.site.now())
            return where is None or compile_node(asker, where)(happening.issue)
        except JqlRefused as refused:
            log.warning("webhook_filter_refused", extra={"hook": hook.id, "reason": refused.message})
            return False

    def _post(self, hook: Webhook, happening: Happening) -> None:
        faults, dice = self.faults.webhooks, self.faults.rng
        if dice.random() < faults.lose:
            self.stats.webhooks["lost"] += 1
            return
        view = View(self.site, 2, self.account)
        body = b"" if hook.exclude_body else orjson.dumps(webhook_body(view, happening))
        if len(body) > _MOST_BYTES:
            self.stats.webhooks["lost"] += 1
            return
        flow = "Secondary" if happening.secondary else "Primary"
        parcel = Parcel(hook.url, body, uuid.uuid4().hex, flow, hook.secret)
        wait = dice.randint(*faults.delay_ms) + (_SECONDARY_MS if happening.secondary else 0)
        if dice.random() < faults.reorder:
            wait += dice.randint(*_REORDER_MS)
        if wait:
            self.stats.webhooks["delayed"] += 1
        self._start(parcel, wait)
        if dice.random() < faults.double:
            self.stats.webhooks["doubled"] += 1
            self._start(parcel, wait)

    def _start(self, parcel: Parcel, wait_ms: int) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(parcel, wait_ms))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    async def _deliver(self, parcel: Parcel, wait_ms: int) -> None:
        if wait_ms:
            await asyncio.sleep(wait_ms / 1000)
        for attempt in range(1 + (_MOST_RETRIES if self.site.cloud else 0)):
            if attempt:
                self.stats.webhooks["retried"] += 1
                await asyncio.sleep(self.rng.randint(*self.retry_ms) / 1000)
            status = await self._send(parcel, attempt)
            if status is not None and 200 <= status < 300:
                self.stats.webhooks["sent"] += 1
                return
            if status is not None and status < 500 and status not in _RETRIED:
                break
        self.stats.webhooks["failed"] += 1

    async def _send(self, parcel: Parcel, attempt: int) -> int | None:
        """None means that no answer came."""
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Atlassian-Webhook-Identifier": parcel.identifier,
            "X-Atlassian-Webhook-Flow": parcel.flow,
            "User-Agent": "Atlassian Webhook HTTP Client" if self.site.cloud else "Atlassian HttpClient 3.0",
        }
        if attempt:
            headers["X-Atlassian-Webhook-Retry"] = str(attempt)
        if parcel.secret is not None:
            headers["X-Hub-Signature"] = hub_signature(parcel.secret, parcel.body)
        client, gate = self._tools()
        try:
            async with gate:
                answer = await client.post(parcel.url, content=parcel.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as gone:
            log.info("webhook_not_answered", extra={"url": parcel.url, "reason": repr(gone)})
            return None
        return answer.status_code

    def _tools(self) -> tuple[httpx.AsyncClient, asyncio.Semaphore]:
        if self._client is None or self._gate is None:
            timeout = httpx.Timeout(20, connect=5)
            # A test receiver may show a certificate of its own making.
            self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, verify=False)  # noqa: S501
            self._gate = asyncio.Semaphore(_AT_ONCE)
        return self._client, self._gate

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._client is not None:
            await self._client.aclose()
            self._client = None
