"""All doors of the gateway, in the order in which they are tried."""

from api_gateway.audit.inbound import routes as audit
from api_gateway.inbound import (
    attachments,
    connections,
    docs,
    exports,
    forwarding,
    issue_collections,
    issues,
    seed,
)

ROUTERS = (
    seed.router,
    docs.router,
    issues.router,
    issue_collections.router,
    attachments.router,
    connections.router,
    exports.router,
    audit.router,
    forwarding.router,
)
