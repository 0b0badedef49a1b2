"""API tokens: paths that auth owns."""

from api_gateway.inbound.forwarded.route import to_auth
from common.contracts.http import api_tokens

_TOKENS = "/api/v1/auth/tokens"

API_TOKENS = (
    to_auth(
        "GET",
        _TOKENS,
        "Your API tokens, or all of the tenant",
        signed_in=True,
        query=api_tokens.TokenListParameters,
        answer=api_tokens.ApiTokenList,
    ),
    to_auth(
        "POST",
        _TOKENS,
        "Make an API token; its text is shown only now",
        signed_in=True,
        body=api_tokens.NewApiToken,
        status=201,
        answer=api_tokens.CreatedApiToken,
    ),
    to_auth(
        "DELETE",
        _TOKENS,
        "Revoke all your API tokens, or all of the tenant",
        signed_in=True,
        query=api_tokens.RevokeParameters,
        status=204,
    ),
    to_auth("DELETE", f"{_TOKENS}/{{token}}", "Revoke an API token", signed_in=True, status=204),
    to_auth(
        "POST",
        f"{_TOKENS}/{{token}}/rotate",
        "Replace an API token; the old one goes on for a while",
        signed_in=True,
        body=api_tokens.RotateApiToken,
        status=201,
        answer=api_tokens.CreatedApiToken,
    ),
    to_auth(
        "POST",
        f"{_TOKENS}/{{token}}/approve",
        "Let an API token of a member last without an end (owner)",
        scope="tokens:admin",
        answer=api_tokens.ApiTokenView,
    ),
)
