"""All public paths that other services own."""

from api_gateway.inbound.forwarded.connections import CONNECTIONS
from api_gateway.inbound.forwarded.exports import EXPORTS
from api_gateway.inbound.forwarded.identity import IDENTITY

FORWARDED = (*IDENTITY, *CONNECTIONS, *EXPORTS)
