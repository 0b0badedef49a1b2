"""Groups of settings that services compose; read from the environment once, in `main.py`, and handed down."""

import json
import ssl
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Group(BaseModel):
    """A frozen group of settings."""

    # An error at the start stands in the log: it must not repeat what was given.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PostgresSettings(Group):
    """How a service reaches its database, and how long it may hold it."""

    dsn: SecretStr = Field(description="postgresql:// address with the service's own role")
    replica_dsn: SecretStr | None = Field(None, description="read replica for lean reads; empty = the primary")
    pool_min: int = Field(1, ge=0)
    pool_max: int = Field(10, ge=1, le=200)
    ssl_mode: Literal["disable", "require", "verify-full"] = "disable"
    ca_file: str | None = None
    statement_timeout: timedelta = timedelta(seconds=15)
    lock_timeout: timedelta = timedelta(seconds=5)
    idle_in_transaction_timeout: timedelta = timedelta(seconds=30)
    connect_timeout: timedelta = timedelta(seconds=5)

    def ssl_context(self) -> ssl.SSLContext | bool:
        """What asyncpg takes as `ssl`."""
        if self.ssl_mode == "disable":
            return False
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.ssl_mode == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class KafkaSettings(Group):
    """How a service reaches Kafka."""

    bootstrap: str = Field(description="host:port, several by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: str | None = None
    replication: int = Field(1, ge=1, le=5, description="replication factor of topics that bootstrap makes")
    topic_prefix: str = Field("", description="put before every topic and group name, for a shared cluster")

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (self.username and self.password):
            raise ValueError("SASL needs KAFKA__USERNAME and KAFKA__PASSWORD")
        return self

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context, or None where the protocol has no TLS."""
        return ssl.create_default_context(cafile=self.ca_file) if self.security_protocol.endswith("SSL") else None


class RedisSettings(Group):
    """How a service reaches Redis; `rediss://` means TLS."""

    url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    cluster: bool = False
    timeout: timedelta = Field(timedelta(milliseconds=250), description="for one command; a slow cache is no cache")


class S3Settings(Group):
    """Object storage that speaks S3."""

    endpoint: str
    public_endpoint: str | None = Field(None, description="what presigned addresses are made with; empty = endpoint")
    region: str = "us-east-1"
    bucket: str = "jira-export"
    access_key: SecretStr
    secret_key: SecretStr

    @model_validator(mode="after")
    def _endpoints_are_urls(self) -> Self:
        for url in (self.endpoint, self.public_endpoint):
            if url is not None:
                TypeAdapter(HttpUrl).validate_python(url)
        return self


class HttpSettings(Group):
    """The doors: a public port, and an internal one for metrics and health."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    internal_host: str = "127.0.0.1"
    internal_port: int = Field(ge=0, le=65535)
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.0/8", "::1/128"), description="networks whose X-Forwarded-For names the client"
    )
    max_body: int = Field(10 * 1024 * 1024, ge=1024, description="bytes; a larger request body is 413")
    graceful_timeout: timedelta = timedelta(seconds=15)
    allowed_hosts: tuple[str, ...] = Field(
        (), description='names that Host may say, ".example.com" = all below; empty = any'
    )
    max_headers: int = Field(100, ge=20, description="headers of a request; more are 431")
    max_head: int = Field(64 * 1024, ge=8192, description="bytes of the request line and all headers; more are 431")
    head_timeout: timedelta = Field(timedelta(seconds=10), description="for all headers of a request to arrive")
    body_timeout: timedelta = Field(timedelta(seconds=20), description="for each 64 KB of a body to arrive")
    read_timeout: timedelta = Field(timedelta(seconds=30), description="for a client to go on reading an answer")
    keep_alive: timedelta = Field(timedelta(seconds=30), description="that a connection may stay idle")
    connections_per_address: int = Field(256, ge=1, description="trusted proxies are not counted")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            ip_network(value)
        return values


class TokenSettings(Group):
    """How access tokens are checked."""

    issuer: str = "jira-export"
    audience: str = "jira-export"
    jwks_url: str
    exchange_url: str | None = Field(None, description="where API tokens are exchanged; empty = beside the keys")
    leeway: timedelta = timedelta(seconds=30)


class InternalSettings(Group):
    """What services prove themselves to each other with."""

    secret: SecretStr = Field(min_length=32)


class CryptoSettings(Group):
    """Master keys that seal secrets at rest: id → base64 of 32 bytes; from the environment, a file, or both."""

    master_keys: dict[str, SecretStr] = {}
    master_keys_file: str | None = Field(None, description="path of a JSON object {id: base64 of 32 bytes}")
    active_key: str

    @model_validator(mode="after")
    def _active_key_is_there(self) -> Self:
        if self.master_keys_file is None and self.active_key not in self.master_keys:
            raise ValueError("CRYPTO__ACTIVE_KEY names no key of CRYPTO__MASTER_KEYS")
        return self

    def all_master_keys(self) -> dict[str, str]:
        """The keys in the clear; raises ValueError, which never quotes it, when the file cannot be used."""
        keys = {name: key.get_secret_value() for name, key in self.master_keys.items()}
        if self.master_keys_file is None:
            return keys
        try:
            from_file = json.loads(Path(self.master_keys_file).read_bytes())
        except OSError as error:
            raise ValueError(f"CRYPTO__MASTER_KEYS_FILE cannot be read: {error.strerror}") from None
        except ValueError:
            from_file = None
        if not isinstance(from_file, dict) or not all(isinstance(key, str) for key in from_file.values()):
            raise ValueError("CRYPTO__MASTER_KEYS_FILE must be a JSON object of texts")
        if both := keys.keys() & from_file.keys():
            raise ValueError(f"master keys {sorted(both)} stand in the environment and in the file")
        return {**keys, **from_file}


class LogSettings(Group):
    """How logs are written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class SentrySettings(Group):
    """Where errors are reported to; nowhere by default."""

    dsn: SecretStr | None = Field(None, description="address of a Sentry project; empty = errors only stand in the log")
    environment: str = "production"


Port = Annotated[int, Field(ge=1, le=65535)]


class ServiceSettings(BaseSettings):
    """What every service has; a service's `Settings` adds its groups."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", frozen=True, extra="ignore", hide_input_in_errors=True)

    http: HttpSettings
    log: LogSettings = LogSettings()
    sentry: SentrySettings = SentrySettings()
    postgres: PostgresSettings
    kafka: KafkaSettings
    redis: RedisSettings = RedisSettings()
    tokens: TokenSettings
    internal: InternalSettings
