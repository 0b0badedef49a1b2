"""Takes a running system with the simulated Atlassian; leaves a button for it on the demo tenant's sign-in page."""

from stack.demo.connections import PublicApi
from stack.plan.services import DEMO_EMAIL, ServicePlan
from stack.plan.simulators import OAUTH_CLIENT, OAUTH_SECRET


def ensure_demo_provider(services: ServicePlan) -> None:
    """People of the connected site become members; one provider that exists is left as it is."""
    if services.atlassian is None:
        return
    with PublicApi(services.url("api-gateway")) as api:
        api.log_in(DEMO_EMAIL, services.secrets["demo_password"])
        if any(entry["kind"] == "atlassian" for entry in api.items("/identity-providers")):
            return
        body = {
            "kind": "atlassian",
            "name": "Atlassian (simulated)",
            "client_id": OAUTH_CLIENT,
            "client_secret": OAUTH_SECRET,
            "site_role": "member",
        }
        api.call("POST", "/identity-providers", json=body)
