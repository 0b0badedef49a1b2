"""The platform itself: where the sessions of its operators stand, who belong to no tenant."""

from uuid import UUID

from common.ids import TenantId

#: Takes the place of a tenant's id; no tenant ever has it, and no token carries it.
PLATFORM = TenantId(UUID(int=0))
