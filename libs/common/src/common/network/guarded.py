"""HTTP clients for addresses that tenants typed: resolved once, judged, and connected to exactly what was judged."""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from common.network.addresses import AddressRules, ForbiddenAddress, as_address, check_address


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address it has judged itself, so that a second DNS answer cannot lead elsewhere."""

    def __init__(self, rules: AddressRules) -> None:
        self._rules = rules
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await self._judged(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"no address for {host}")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise ForbiddenAddress

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[str]:
        """Every address of a host; one forbidden among them refuses the host as a whole."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for text in addresses:
            address = as_address(text.partition("%")[0])
            if address is None:
                raise ForbiddenAddress
            check_address(host, address, self._rules)
        return addresses


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over the guarded backend."""

    def __init__(self, rules: AddressRules, limits: httpx.Limits, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, limits=limits)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_GuardedBackend(rules),
        )


_CONTEXT = ssl.create_default_context()


def guarded_client(rules: AddressRules, *, timeout: httpx.Timeout, connections: int) -> httpx.AsyncClient:
    """A client that follows no redirects by itself, takes no proxies from the environment and keeps no cookies."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30)
    return httpx.AsyncClient(
        transport=_GuardedTransport(rules, limits, _CONTEXT),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "jira-export/1.0", "Accept": "application/json", "Accept-Language": "en"},
    )
