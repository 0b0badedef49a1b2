"""Sign in with Atlassian (3LO): a code in, the account and its Jira sites out; there is neither PKCE nor ID token."""

from typing import Any

from auth.federation.domain.errors import ClientRefused, CodeRefused, ProviderBroken
from auth.federation.domain.providers import Provider, Vouched
from auth.federation.outbound.claims import vouched_for
from auth.federation.outbound.openid import CodeGrant
from auth.federation.outbound.provider_http import Answer, ProviderHttp

#: `read:jira-user` is asked for because without a scope of Jira the list of sites stays empty.
SCOPES = ("read:me", "read:jira-user")
_MOST_SITES = 1000


class Atlassian:
    """`auth_url` is also what Atlassian is called as an issuer."""

    def __init__(self, http: ProviderHttp, auth_url: str, api_url: str) -> None:
        self._http = http
        self._auth_url, self._api_url = auth_url.rstrip("/"), api_url.rstrip("/")

    @property
    def issuer(self) -> str:
        return self._auth_url

    @property
    def authorization_endpoint(self) -> str:
        return f"{self._auth_url}/authorize"

    async def redeem(self, provider: Provider, grant: CodeGrant) -> Vouched:
        asked = {
            "grant_type": "authorization_code",
            "client_id": provider.client_id,
            "client_secret": grant.secret or "",
            "code": grant.code,
            "redirect_uri": grant.callback,
        }
        token = _access_token(await self._http.post_json(f"{self._auth_url}/oauth/token", asked))
        me = await self._http.get(f"{self._api_url}/me", bearer=token)
        subject = me.body.get("account_id")
        if not me.is_fine or not isinstance(subject, str) or not subject:
            raise ProviderBroken(detail="Atlassian does not tell who signed in.")
        sites = await self._http.get_list(f"{self._api_url}/oauth/token/accessible-resources", bearer=token)
        # Atlassian lets only accounts with a confirmed address in; an answer that says otherwise is believed.
        verified = me.body.get("account_status") == "active" and me.body.get("email_verified", True) is True
        claims = {**me.body, "email_verified": verified}
        return vouched_for(provider, subject, claims, _sites(sites))


def _access_token(answer: Answer) -> str:
    token = answer.body.get("access_token")
    if answer.is_fine and isinstance(token, str):
        return token
    error = answer.body.get("error")
    if error in ("access_denied", "invalid_client", "unauthorized_client"):
        raise ClientRefused
    if error == "invalid_grant":
        raise CodeRefused
    raise ProviderBroken


def _sites(entries: list[Any]) -> frozenset[str]:
    """Addresses in small letters without a slash at the end."""
    found = (entry.get("url") for entry in entries[:_MOST_SITES] if isinstance(entry, dict))
    return frozenset(url.rstrip("/").lower() for url in found if isinstance(url, str))
