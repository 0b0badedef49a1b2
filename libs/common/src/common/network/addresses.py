"""Addresses that a tenant typed come in; where the service may really connect comes out (the SSRF rules, pure)."""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from common.errors import AppError, ErrorKind, register_translations

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class InvalidAddress(AppError):
    """That is not the address of a Jira: give it like https://jira.example.com."""

    kind, code = ErrorKind.INVALID, "jira.invalid_address"


class ForbiddenAddress(AppError):
    """This address leads into a network that connections may not reach."""

    kind, code = ErrorKind.INVALID, "jira.forbidden_address"


register_translations(
    {
        "jira.invalid_address": "Это не адрес Jira: укажите его как https://jira.example.com.",
        "jira.forbidden_address": "Этот адрес ведёт в сеть, закрытую для подключений.",
    }
)


@dataclass(frozen=True)
class AddressRules:
    """What the operator lets through: hosts of his own inner networks, by name or address."""

    inner_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})

    def lets_inner(self, host: str) -> bool:
        """Whether the operator named this host."""
        return host.lower().rstrip(".") in self.inner_hosts


def normalise(text: str) -> str:
    """`HTTPS://Jira.Example.com:443/jira/` → `https://jira.example.com/jira`; raises `InvalidAddress`."""
    parts = _split(text if "://" in text else f"https://{text}")
    host = _host(parts)
    port = _port(parts)
    default = {"http": 80, "https": 443}[parts.scheme]
    place = host if port in (None, default) else f"{host}:{port}"
    path = parts.path.rstrip("/")
    for tail in ("/secure/Dashboard.jspa", "/jira/your-work", "/login.jsp"):
        path = path.removesuffix(tail)
    if any(part in ("..", ".") for part in path.split("/")):
        raise InvalidAddress
    return urlunsplit((parts.scheme, place, path, "", ""))


def _split(text: str) -> SplitResult:
    if not text.strip().isprintable():
        raise InvalidAddress
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        raise InvalidAddress from None
    if parts.scheme not in ("http", "https"):
        raise InvalidAddress(detail="Only http and https addresses are allowed.")
    if parts.username is not None or parts.password is not None:
        raise InvalidAddress(detail="The address must not hold a user name or password.")
    return parts


def _host(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").rstrip(".")
        name = host if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        raise InvalidAddress from None
    if not (_NAME.fullmatch(name) or (":" in name and "%" not in name)):
        raise InvalidAddress
    return f"[{name}]" if ":" in name else name


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise InvalidAddress(detail="The port is not a number between 1 and 65535.") from None


def check_target(url: str, rules: AddressRules) -> None:
    """Scheme, port and literal address of any URL that is about to be asked; names are judged after resolution."""
    parts = _split(url)
    host = _host(parts).strip("[]")
    if rules.lets_inner(host):
        return
    port = _port(parts) or {"http": 80, "https": 443}[parts.scheme]
    if port not in rules.ports:
        raise ForbiddenAddress(detail=f"Port {port} is not allowed.")
    literal = as_address(host)
    if literal is not None:
        check_address(host, literal, rules)


def as_address(host: str) -> IpAddress | None:
    """The address that a host literally is; odd spellings (decimal, octal) are judged after resolution instead."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_address(host: str, address: IpAddress, rules: AddressRules) -> None:
    """Refuses an inner address, unless the operator allows the host or the address."""
    if rules.lets_inner(host) or rules.lets_inner(str(address)):
        return
    if any(not one.is_global or one.is_multicast for one in _faces(address)):
        raise ForbiddenAddress


def _faces(address: IpAddress) -> Collection[IpAddress]:
    """The address and the IPv4 addresses hidden in it (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    faces: list[IpAddress] = []
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        faces.append(address.sixtofour)
    if address.teredo:
        faces.extend(address.teredo)
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [*faces, address]
