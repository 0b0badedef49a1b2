"""All doors of the gateway, in the order in which they are tried."""

from api_gateway.audit.inbound import routes as audit
from api_gateway.inbound import (
    attachments,
    connections,
    docs,
    erasing,
    exports,
    forwarding,
    issue_collections,
    issues,
    people_pages,
    seed,
)

ROUTERS = (
    seed.router,
    docs.router,
    people_pages.router,
    issues.router,
    issue_collections.router,
    attachments.router,
    connections.router,
    exports.router,
    audit.router,
    erasing.router,
    forwarding.router,
)
