"""Invitations and lost passwords: paths that auth owns."""

from api_gateway.inbound.forwarded.route import to_auth
from common.contracts.http import invitations
from common.contracts.http.paging import CountedPageParameters

INVITATIONS = (
    to_auth(
        "GET",
        "/api/v1/invitations",
        "Who is invited and has not come yet",
        scope="users:admin",
        answer=invitations.InvitationList,
        query=CountedPageParameters,
        also={304: "The client has it"},
    ),
    to_auth(
        "POST",
        "/api/v1/invitations",
        "Invite a person by mail",
        scope="users:admin",
        body=invitations.NewInvitation,
        status=202,
        answer=invitations.InvitationView,
    ),
    to_auth("DELETE", "/api/v1/invitations/{invitation}", "Take an invitation back", scope="users:admin", status=204),
    to_auth(
        "POST",
        "/api/v1/auth/invitations/accept",
        "Accept an invitation with the token of its link",
        public=True,
        body=invitations.AcceptInvitation,
        answer=invitations.JoinedTenant,
    ),
    to_auth(
        "POST",
        "/api/v1/auth/password/forgot",
        "Ask for a link to a new password by mail",
        public=True,
        body=invitations.ForgottenPassword,
        status=202,
    ),
    to_auth(
        "POST",
        "/api/v1/auth/password/reset",
        "Set a new password by the token of the mail; all sessions end",
        public=True,
        body=invitations.NewPassword,
        status=204,
    ),
)
