"""The owner hands the tenant to another member."""

from fastapi import APIRouter

from auth.accounts.usecases.transfer_ownership import transfer_ownership
from auth.domain.errors import SessionNeeded
from auth.inbound.dependencies import AppDep, MemberAdminDep
from auth.inbound.member_view import member_view
from common.contracts.http.auth import UserView
from common.contracts.http.invitations import OwnershipTransfer
from common.ids import UserId, parse_id

router = APIRouter(prefix="/api/v1/tenant/ownership", tags=["tenant"])


@router.post("", summary="Make another member owner; you stay as admin")
async def post_ownership(body: OwnershipTransfer, person: MemberAdminDep, app: AppDep) -> UserView:
    if person.api_token is not None:
        raise SessionNeeded
    return member_view(await transfer_ownership(app, person.tenant, person.doer, UserId(parse_id("usr", body.user))))
