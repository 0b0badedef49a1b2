"""Streams an attachment's bytes from Jira, through its redirect to another host, which never sees our credentials."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from common.network.addresses import check_target
from jira_sync.outbound.jira.errors import DoorMissing, JiraBroken, JiraForbidden, WrongCredentials
from jira_sync.outbound.jira.http_jira import HttpJira, unreachable

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSED_ON = ("range", "if-range")


@asynccontextmanager
async def attachment_stream(http: HttpJira, url: str, asked: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
    """The answer with its bytes still to be read: 200, 206 or 416; everything else is an error of ours."""
    target = httpx.URL(http.base_url).join(url)
    headers = {name: asked[name] for name in _PASSED_ON if name in asked} | {"Accept": "*/*"}
    for _ in range(_MOST_REDIRECTS):
        check_target(str(target), http.rules)
        signed = {"Authorization": http.authorization} if _is_own(http, target) else {}
        request = http.client.build_request("GET", target, headers=headers | signed)
        try:
            answer = await http.client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        try:
            if answer.status_code not in _REDIRECTS:
                _judge(answer)
                yield answer
                return
            target = target.join(answer.headers.get("location", ""))
        finally:
            await answer.aclose()
    raise JiraBroken(detail="The attachment is redirected too often.")


def _is_own(http: HttpJira, target: httpx.URL) -> bool:
    own = httpx.URL(http.base_url)
    return (own.scheme, own.host, _port(own)) == (target.scheme, target.host, _port(target))


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _judge(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (200, 206, 416):
        return
    if status == 401:
        raise WrongCredentials
    if status == 403:
        raise JiraForbidden
    if status in (404, 410):
        raise DoorMissing(detail="Jira has no such attachment any more.")
    raise JiraBroken(detail=f"Jira answered {status} for the attachment.")
