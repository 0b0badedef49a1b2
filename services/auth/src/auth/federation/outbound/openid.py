"""OpenID Connect as a client: a code in, what the provider vouches for out (Core 1.0, code flow with PKCE)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import jwt

from auth.federation.domain.errors import (
    ClientRefused,
    CodeRefused,
    IdTokenAlgorithm,
    IdTokenMalformed,
    IdTokenSignature,
    ProviderBroken,
)
from auth.federation.domain.id_token import ALGORITHMS, Expected, check_claims
from auth.federation.domain.providers import Provider, Vouched
from auth.federation.outbound.claims import merged, vouched_for
from auth.federation.outbound.discovery import Discovery, Metadata
from auth.federation.outbound.provider_http import Answer, ProviderHttp

_LARGEST_TOKEN = 64 * 1024
_CLIENT_ERRORS = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """A code with all that this sign-in alone knows."""

    code: str
    verifier: str
    nonce: str
    callback: str
    secret: str | None


class OpenId:
    """Stateless but for what `Discovery` keeps."""

    def __init__(self, http: ProviderHttp, discovery: Discovery) -> None:
        self._http = http
        self.discovery = discovery

    async def redeem(self, provider: Provider, grant: CodeGrant, *, now: datetime) -> Vouched:
        metadata = await self.discovery.metadata(provider.issuer)
        tokens = _tokens(await self._exchange(metadata, provider, grant))
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str | None):
            raise IdTokenMalformed(detail="The identity provider gave no ID token.")
        claims, algorithm = await self._verified(provider.issuer, id_token)
        expected = Expected(provider.issuer, provider.client_id, grant.nonce, access_token, algorithm)
        subject = check_claims(claims, expected, now)
        more = await self._userinfo(metadata, provider, access_token, claims, subject)
        return vouched_for(provider, subject, merged(claims, more))

    async def _exchange(self, metadata: Metadata, provider: Provider, grant: CodeGrant) -> Answer:
        form = {
            "grant_type": "authorization_code",
            "code": grant.code,
            "redirect_uri": grant.callback,
            "code_verifier": grant.verifier,
        }
        if grant.secret is not None and not metadata.posts_secret:
            # RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            basic = (quote_plus(provider.client_id), quote_plus(grant.secret))
            return await self._http.post_form(metadata.token_endpoint, form, basic=basic)
        form["client_id"] = provider.client_id
        if grant.secret is not None:
            form["client_secret"] = grant.secret
        return await self._http.post_form(metadata.token_endpoint, form)

    async def _verified(self, issuer: str, token: str) -> tuple[Mapping[str, Any], str]:
        """Only the signature; what the claims say is judged by the domain with our own clock."""
        kid, algorithm = _header(token)
        for key in await self.discovery.keys(issuer, kid, algorithm):
            try:
                claims: Mapping[str, Any] = jwt.decode(token, key.key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
                raise IdTokenMalformed from None
            return claims, algorithm
        raise IdTokenSignature

    async def _userinfo(
        self, metadata: Metadata, provider: Provider, token: str | None, claims: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        """Asked only for what the ID token leaves out; many providers put e-mail and groups nowhere else."""
        wanted = {"email", "email_verified", "name"} | ({provider.rules.groups_claim} - {None})
        if metadata.userinfo_endpoint is None or token is None or wanted <= claims.keys():
            return {}
        answer = await self._http.get(metadata.userinfo_endpoint, bearer=token)
        if not answer.is_fine:
            raise ProviderBroken(detail="The identity provider does not tell who signed in.")
        if answer.body.get("sub") != subject:
            raise IdTokenMalformed(detail="The identity provider speaks of two people.")
        return answer.body


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_aud": False,
    "verify_iss": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _header(token: str) -> tuple[str | None, str]:
    if len(token) > _LARGEST_TOKEN:
        raise IdTokenMalformed(detail="The ID token is too large.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise IdTokenMalformed from None
    kid, algorithm = header.get("kid"), header.get("alg")
    if algorithm not in ALGORITHMS or "crit" in header:
        raise IdTokenAlgorithm
    if not isinstance(kid, str | None):
        raise IdTokenMalformed
    return kid, str(algorithm)


def _tokens(answer: Answer) -> Mapping[str, Any]:
    if answer.is_fine:
        return answer.body
    error = answer.body.get("error")
    if error in _CLIENT_ERRORS:
        raise ClientRefused
    if error == "invalid_grant":
        raise CodeRefused
    raise ProviderBroken
