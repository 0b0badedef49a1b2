"""Everything that comes into auth by HTTP."""

from auth.inbound import jwks, me, sessions, sign_in, tenants, users

ROUTERS = (jwks.router, sign_in.router, sessions.router, me.router, users.router, tenants.router)
