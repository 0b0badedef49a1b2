"""An address that WeasyPrint wants comes in, the bytes of a prepared picture go out; every other address is refused."""

from collections.abc import Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse


class AddressRefusedError(ValueError):
    """A document may show only its own prepared pictures."""


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """No network and no files: the answers come from one dict."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._assets = assets
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        body = self._assets.get(url)
        if body is None:
            self.refused.append(url)
            raise AddressRefusedError(f"refused to load {url[:200]!r}")
        return URLFetcherResponse(url, body)
