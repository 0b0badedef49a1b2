"""Connections: paths that jira-sync owns."""

from api_gateway.inbound.forwarded.route import ForwardedRoute
from api_gateway.outbound.peers import Peer
from common.contracts.http import connections

_ADMIN = "connections:admin"
_CONNECTION = "/api/v1/connections/{connection}"

CONNECTIONS = (
    ForwardedRoute(
        "POST",
        "/api/v1/connections",
        Peer.JIRA_SYNC,
        "Connect a Jira",
        _ADMIN,
        body=connections.ConnectionRequest,
        status=201,
        answer=connections.ConnectionBody,
    ),
    ForwardedRoute(
        "PATCH",
        _CONNECTION,
        Peer.JIRA_SYNC,
        "Change a connection",
        _ADMIN,
        body=connections.ConnectionPatch,
        answer=connections.ConnectionBody,
    ),
    ForwardedRoute("DELETE", _CONNECTION, Peer.JIRA_SYNC, "Delete a connection and its mirror", _ADMIN, status=204),
    ForwardedRoute(
        "POST",
        f"{_CONNECTION}/test",
        Peer.JIRA_SYNC,
        "Ask Jira whether the credentials still hold",
        _ADMIN,
        cost=5,
        answer=connections.ConnectionTestBody,
    ),
    ForwardedRoute(
        "POST",
        f"{_CONNECTION}/sync",
        Peer.JIRA_SYNC,
        "Look for changes now",
        _ADMIN,
        cost=5,
        status=202,
        answer=connections.SyncStateBody,
    ),
)
