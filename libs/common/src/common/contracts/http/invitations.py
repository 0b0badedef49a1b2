"""HTTP bodies of invitations, lost passwords and ownership, shared with the gateway that documents them."""

from common.contracts.http.auth import EmailAddress, ListCount, Name, Opaque, Password, RoleName, TenantSummary, Time
from common.contracts.http.request_model import RequestModel, ResponseModel


class NewInvitation(RequestModel):
    """Who is invited, and as what; an earlier invitation of the same address is replaced."""

    email: EmailAddress
    role: RoleName = "member"


class InvitationView(ResponseModel):
    """An invitation that waits; its link stands in the mail alone."""

    id: str
    email: str
    role: RoleName
    created: Time
    created_by: str | None
    expires: Time


class InvitationList(ResponseModel):
    items: list[InvitationView]
    next_cursor: str | None
    count: ListCount | None = None


class AcceptInvitation(RequestModel):
    """The token of the link. Somebody new chooses name and password; who has an account sends its password,

    or the access token of a session of his.
    """

    token: Opaque
    name: Name | None = None
    password: Password | None = None


class JoinedTenant(ResponseModel):
    """Where the person is a member now; sign in there or switch to it."""

    user_id: str
    tenant: TenantSummary
    role: RoleName


class ForgottenPassword(RequestModel):
    email: EmailAddress


class NewPassword(RequestModel):
    """The token of the link in the mail, and the password to be."""

    token: Opaque
    password: Password


class OwnershipTransfer(RequestModel):
    """The active member who becomes owner; who asks becomes admin."""

    user: str
