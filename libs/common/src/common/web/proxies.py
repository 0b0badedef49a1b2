"""Who really asks: the peer of the socket and what trusted proxies wrote come in, the client's address goes out.

Every proxy adds the address that it saw at the right end of X-Forwarded-For. So the list is read from the right, and
the first address that is no trusted proxy is the client: whatever stands left of it, the client made up.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address


class TrustedProxies:
    """The networks that the operator trusts."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = [ip_network(each) for each in networks]
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def client_of(self, peer: str, forwarded: Sequence[str]) -> str:
        """The client's address; that of the nearest trusted proxy when what stands left of it is no address."""
        found = parse_address(peer)
        if found is None:
            return peer
        for text in reversed(",".join(forwarded).split(",")):
            if not self.trusts(found):
                break
            before = parse_address(text)
            if before is None:
                break
            found = before
        return str(found)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def parse_address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; an IPv4 address dressed as IPv6 is undressed."""
    text = text.strip()
    if len(text) > 60:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


class ProxyMiddleware:
    """Puts the client's address and scheme into the scope; a stranger's forwarding headers are not even read."""

    def __init__(self, app: ASGIApp, networks: Sequence[str]) -> None:
        self._app = app
        self._proxies = TrustedProxies(networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client") if scope["type"] in ("http", "websocket") else None
        if client is not None:
            peer = parse_address(client[0])
            if peer is not None and self._proxies.trusts(peer):
                self._take_over(scope, client)
        await self._app(scope, receive, send)

    def _take_over(self, scope: Scope, client: tuple[str, int]) -> None:
        names = (b"x-forwarded-for", b"x-forwarded-proto")
        told: dict[bytes, list[str]] = {name: [] for name in names}
        for name, value in scope["headers"]:
            if name in names:
                told[name].append(value.decode("latin-1"))
        if told[names[0]]:
            scope["client"] = (self._proxies.client_of(client[0], told[names[0]]), 0)
        schemes = told[names[1]]
        if schemes and schemes[-1].strip() in ("http", "https"):
            scheme = schemes[-1].strip()
            scope["scheme"] = scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme
