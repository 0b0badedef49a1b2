"""Settings of the gateway, from the environment."""

from pydantic import ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter, field_validator

from api_gateway.gate.settings import GateSettings
from common.settings import Group, ServiceSettings


class PeerSettings(Group):
    """Where the services stand that own what the gateway passes on."""

    # Deployments give all services the same addresses; what one does not call is none of its business.
    model_config = ConfigDict(frozen=True, extra="ignore")

    auth_url: str
    jira_sync_url: str
    export_worker_url: str

    @field_validator("*")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        TypeAdapter(HttpUrl).validate_python(url)
        return url.rstrip("/")


class Settings(ServiceSettings):
    """Everything that the gateway is told."""

    peers: PeerSettings
    cursor_secret: SecretStr = Field(min_length=32, description="signs cursors; the same on every node")
    limits: GateSettings = GateSettings()
    cors_origins: tuple[str, ...] = Field((), description="exact origins whose pages may call the API")

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_exact(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            url = TypeAdapter(HttpUrl).validate_python(origin)
            if "*" in origin or origin.endswith("/") or (url.path or "/") != "/":
                raise ValueError(f"{origin!r} is not an exact origin such as https://app.example.com")
        return origins
