"""Who calls from where comes in; the limits that his request counts against go out."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from api_gateway.gate.domain.gcra import Charge, Limit
from common.ids import SessionId, TenantId, UserId


@dataclass(frozen=True, slots=True)
class Rates:
    """What the operator lets each kind of caller ask."""

    token: Limit
    user: Limit
    tenant: Limit
    address: Limit
    address_signed_in: Limit

    def share(self, nodes: int) -> "Rates":
        """The part of one node."""
        return Rates(
            self.token.share(nodes),
            self.user.share(nodes),
            self.tenant.share(nodes),
            self.address.share(nodes),
            self.address_signed_in.share(nodes),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whose token was proved; the operator of the platform has no tenant."""

    user: UserId
    session: SessionId
    tenant: TenantId | None


def charges_for(member: Member | None, address: str, rates: Rates, tenants_own: int | None) -> tuple[Charge, ...]:
    """All limits of one request. The braces put its keys into one slot of a Redis cluster."""
    network = network_of(address)
    if member is None:
        return (Charge(rates.address, f"gate:{{{network}}}:address"),)
    tag = f"gate:{{{member.tenant or 'platform'}}}"
    charges = [
        Charge(rates.token, f"{tag}:token:{member.session}"),
        Charge(rates.user, f"{tag}:user:{member.user}"),
        Charge(rates.address_signed_in, f"{tag}:address:{network}"),
    ]
    if member.tenant is not None:
        charges.append(Charge(tenant_limit(rates.tenant, tenants_own), f"{tag}:tenant"))
    return tuple(charges)


def tenant_limit(operators: Limit, tenants_own: int | None) -> Limit:
    """A tenant may want less than the operator lets it have, never more; its burst shrinks with it."""
    if tenants_own is None or tenants_own >= operators.per_minute:
        return operators
    burst = max(1, operators.burst * tenants_own // operators.per_minute)
    return Limit(operators.name, tenants_own, burst)


def network_of(address: str) -> str:
    """What one customer of a provider has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)
