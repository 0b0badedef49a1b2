"""One HTTP client per connection: asks Jira politely, retries what may be retried, and names what went wrong."""

import asyncio
import base64
import json
import random
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson
import structlog

from common.clock import Clock, utc_now
from common.network.addresses import AddressRules, check_target
from common.network.guarded import guarded_client
from jira_sync.domain.credentials import Credentials
from jira_sync.domain.retrying import Failure, RetryPolicy, next_wait, parse_retry_after
from jira_sync.metrics import JIRA_REQUESTS, JIRA_WAITS
from jira_sync.outbound.jira.budget import Budget
from jira_sync.outbound.jira.errors import (
    BadAnswer,
    BadCertificate,
    CaptchaRequired,
    DoorMissing,
    JiraBroken,
    JiraBusy,
    JiraForbidden,
    JiraRejected,
    JiraUnreachable,
    NotAJira,
    WrongCredentials,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class JiraLimits:
    """How hard and how long a Jira is asked."""

    at_once: int = 8
    timeout: timedelta = timedelta(seconds=60)
    connect_timeout: timedelta = timedelta(seconds=10)
    largest_answer: int = 64 * 1024 * 1024
    retry: RetryPolicy = field(default_factory=RetryPolicy)


class HttpJira:
    """Calls to one Jira as one account."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        rules: AddressRules,
        limits: JiraLimits,
        clock: Clock = utc_now,
    ) -> None:
        check_target(base_url, rules)
        self.base_url = base_url
        self.rules = rules
        self.budget = Budget(limits.at_once)
        self.clock = clock
        self._limits = limits
        self._authorization = authorization(credentials)
        timeout = httpx.Timeout(limits.timeout.total_seconds(), connect=limits.connect_timeout.total_seconds())
        self.client = guarded_client(rules, timeout=timeout, connections=limits.at_once + 4)

    async def close(self) -> None:
        """Closes every connection."""
        await self.client.aclose()

    @property
    def authorization(self) -> str:
        """The header that signs in; it goes to the connection's own address only."""
        return self._authorization

    async def get(self, path: str, /, **params: Any) -> Any:
        """The JSON of a GET."""
        return await self.ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    async def post(self, path: str, body: Any, *, repeatable: bool = True, halvable: bool = False) -> Any:
        """The JSON of a POST; one that changes something at Jira is not `repeatable`."""
        return await self.ask("POST", path, body=body, repeatable=repeatable, halvable=halvable)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: Any = None,
        repeatable: bool = True,
        halvable: bool = False,
    ) -> Any:
        """One call with its retries; `halvable`: a cut answer is the caller's matter, who then asks for less."""
        attempt = 1
        while True:
            try:
                async with self.budget.turn():
                    return await self._once(method, path, params, body)
            except (JiraBusy, JiraBroken, JiraUnreachable, BadAnswer) as error:
                if not repeatable or (halvable and isinstance(error, BadAnswer)):
                    raise
                failure = Failure(error.extra.get("status"), error.extra.get("retry_after"), attempt)
                jitter = random.uniform(0.7, 1.3)  # noqa: S311 - spreads load, guards nothing
                wait = next_wait(failure, self._limits.retry, now=self.clock(), jitter=jitter)
                if wait is None:
                    raise
                JIRA_WAITS.labels(error.code).inc()
                if isinstance(error, JiraBusy):
                    self.budget.pause(wait)
                else:
                    await asyncio.sleep(wait.total_seconds())
                attempt += 1

    async def _once(self, method: str, path: str, params: dict[str, Any] | None, body: Any) -> Any:
        headers = {"Authorization": self._authorization, "X-Atlassian-Token": "no-check"}
        content = None
        if body is not None:
            content, headers["Content-Type"] = orjson.dumps(body), "application/json"
        try:
            async with self.client.stream(
                method, self.base_url + path, params=params, content=content, headers=headers
            ) as answer:
                data = await self._read(answer)
        except httpx.HTTPError as error:
            JIRA_REQUESTS.labels(method, "none").inc()
            raise unreachable(error) from error
        JIRA_REQUESTS.labels(method, str(answer.status_code)).inc()
        self.budget.note(answer.headers, self.clock())
        self._judge(answer, data)
        return _parsed(answer, data)

    async def _read(self, answer: httpx.Response) -> bytes:
        chunks, size = [], 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > self._limits.largest_answer:
                raise BadAnswer(detail="Jira's answer is larger than allowed.")
            chunks.append(chunk)
        return b"".join(chunks)

    def _judge(self, answer: httpx.Response, data: bytes) -> None:
        status, headers = answer.status_code, answer.headers
        if "CAPTCHA" in headers.get("x-authentication-denied-reason", ""):
            raise CaptchaRequired
        anonymous = headers.get("x-ausername") == "anonymous"
        refused = headers.get("x-seraph-loginreason", "").startswith(("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"))
        if status == 401 or (status < 400 and (anonymous or refused)):
            raise WrongCredentials
        if status < 300:
            return
        if status < 400:
            raise NotAJira(detail=_redirect_advice(answer))
        if status in (408, 425, 429, 503):
            given = headers.get("retry-after")
            raise JiraBusy(
                retry_after=parse_retry_after(given, self.clock()), extra={"status": status, "retry_after": given}
            )
        if status >= 500 and status != 501:
            raise JiraBroken(detail=f"Jira answered {status}.", extra={"status": status})
        if status == 403:
            raise JiraForbidden(detail=_messages(data))
        if status in (404, 405, 410, 501):
            raise DoorMissing(detail=_messages(data), extra={"status": status})
        raise JiraRejected(detail=_messages(data), extra={"status": status})


def authorization(credentials: Credentials) -> str:
    """The Authorization header of credentials."""
    if credentials.method == "pat":
        return f"Bearer {credentials.secret}"
    pair = f"{credentials.account}:{credentials.secret}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def unreachable(error: httpx.HTTPError) -> JiraUnreachable | BadCertificate:
    """The error of ours for one of the network's."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return BadCertificate(detail=getattr(cause, "verify_message", None) or str(cause.reason))
        cause = cause.__cause__ or cause.__context__
    return JiraUnreachable(detail=f"{type(error).__name__}: {str(error)[:200]}")


def _parsed(answer: httpx.Response, data: bytes) -> Any:
    if answer.status_code == 204 or not data:
        return None
    if "html" in answer.headers.get("content-type", ""):
        raise NotAJira(detail="The answer is a web page, perhaps of a sign-in or a firewall.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _leniently(data)


def _leniently(data: bytes) -> Any:
    """Lone surrogates and control characters, which Jira passes on, are no reason to refuse an answer."""
    try:
        return json.loads(data.decode("utf-8", "replace"), strict=False)
    except ValueError as error:
        raise BadAnswer from error


def _redirect_advice(answer: httpx.Response) -> str:
    target = httpx.URL(answer.headers.get("location", ""))
    return f"The address redirects to {target.host or 'another page'}; give the address that it leads to."


def _messages(data: bytes) -> str | None:
    """Jira's own words, which help whoever set up the connection."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    said = [*(found.get("errorMessages") or ()), *(found.get("errors") or {}).values(), found.get("message")]
    return " ".join(str(part) for part in said if part)[:500] or None
