"""All public paths that other services own."""

from api_gateway.inbound.forwarded.api_tokens import API_TOKENS
from api_gateway.inbound.forwarded.connections import CONNECTIONS
from api_gateway.inbound.forwarded.exports import EXPORTS
from api_gateway.inbound.forwarded.grants import GRANTS
from api_gateway.inbound.forwarded.identity import IDENTITY
from api_gateway.inbound.forwarded.invitations import INVITATIONS
from api_gateway.inbound.forwarded.own_tenant import OWN_TENANT
from api_gateway.inbound.forwarded.providers import PROVIDERS

FORWARDED = (*IDENTITY, *PROVIDERS, *API_TOKENS, *OWN_TENANT, *INVITATIONS, *CONNECTIONS, *GRANTS, *EXPORTS)
