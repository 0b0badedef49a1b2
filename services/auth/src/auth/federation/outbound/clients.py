"""The clients of identity providers, made once from the settings: who asks gets OpenID Connect and Atlassian."""

from auth.federation.outbound.atlassian import Atlassian
from auth.federation.outbound.discovery import Discovery
from auth.federation.outbound.openid import OpenId
from auth.federation.outbound.provider_http import ProviderHttp
from auth.settings import Settings


class ProviderClients:
    """Both share one pool of guarded connections."""

    def __init__(self, settings: Settings) -> None:
        given = settings.federation
        self._http = ProviderHttp(settings.address_rules(), given.timeout)
        self.openid = OpenId(self._http, Discovery(self._http))
        self.atlassian = Atlassian(self._http, given.atlassian_auth_url, given.atlassian_api_url)

    async def close(self) -> None:
        await self._http.close()
