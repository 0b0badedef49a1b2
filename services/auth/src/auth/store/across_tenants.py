"""What auth may see across tenants, and why; the migration grants exactly this, and a test compares."""

from common.db.roles import AcrossTenants, finder

FINDER = finder("je_auth")

ACROSS_TENANTS = (
    AcrossTenants(FINDER, "auth.memberships", "SELECT", "sign-in finds the tenants of a person"),
    AcrossTenants(FINDER, "auth.sessions", "SELECT", "a person sees and ends all own sessions"),
    AcrossTenants(FINDER, "auth.refresh_tokens", "SELECT", "a refresh token does not name its tenant"),
    AcrossTenants(FINDER, "auth.api_tokens", "SELECT", "an API token does not name its tenant"),
    AcrossTenants(FINDER, "auth.invitations", "SELECT", "the token of an invitation does not name its tenant"),
    AcrossTenants(FINDER, "auth.data_keys", "SELECT", "rewrapping finds data keys under an old master key"),
    AcrossTenants(FINDER, "auth.mails", "SELECT", "the sender finds the tenants whose mails are due"),
    AcrossTenants(FINDER, "auth.tenant_origins", "SELECT", "a page signs in by cookie before its tenant is known"),
    AcrossTenants(finder("je_gateway"), "auth.tenant_origins", "SELECT", "a preflight names an origin and no tenant"),
    AcrossTenants(finder("je_notifier"), "auth.tenant_origins", "SELECT", "a socket's origin comes before its token"),
)

#: Tables without tenant that the same questions join.
JOINED = ("auth.users", "auth.operators", "auth.tenants")
