"""Grants of connections: paths that jira-sync owns."""

from api_gateway.inbound.forwarded.route import ForwardedRoute
from api_gateway.outbound.peers import Peer
from common.contracts.http import grants

_ADMIN = "connections:admin"
_CONNECTION = "/api/v1/connections/{connection}"

GRANTS = (
    ForwardedRoute(
        "GET",
        f"{_CONNECTION}/grants",
        Peer.JIRA_SYNC,
        "Who may see what of a connection",
        _ADMIN,
        answer=grants.GrantList,
    ),
    ForwardedRoute(
        "POST",
        f"{_CONNECTION}/grants",
        Peer.JIRA_SYNC,
        "Let a role or a member see something",
        _ADMIN,
        body=grants.GrantRequest,
        status=201,
        answer=grants.GrantBody,
    ),
    ForwardedRoute(
        "DELETE", f"{_CONNECTION}/grants/{{grant}}", Peer.JIRA_SYNC, "Take a grant back", _ADMIN, status=204
    ),
    ForwardedRoute(
        "GET",
        f"{_CONNECTION}/security-levels",
        Peer.JIRA_SYNC,
        "Security levels that can be granted",
        _ADMIN,
        answer=grants.SecurityLevelList,
    ),
    ForwardedRoute(
        "GET",
        f"{_CONNECTION}/visibility-classes",
        Peer.JIRA_SYNC,
        "Restricted visibilities that can be granted",
        _ADMIN,
        answer=grants.VisibilityClassList,
    ),
)
