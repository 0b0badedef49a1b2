"""What auth may see across tenants, and why; the migration grants exactly this, and a test compares."""

from common.db.roles import AcrossTenants, finder

FINDER = finder("je_auth")

ACROSS_TENANTS = (
    AcrossTenants(FINDER, "auth.memberships", "SELECT", "sign-in finds the tenants of a person"),
    AcrossTenants(FINDER, "auth.sessions", "SELECT", "a person sees and ends all own sessions"),
    AcrossTenants(FINDER, "auth.refresh_tokens", "SELECT", "a refresh token does not name its tenant"),
)

#: Tables without tenant that the same questions join.
JOINED = ("auth.users", "auth.operators", "auth.tenants")
