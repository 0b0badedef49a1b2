"""What auth reads from its environment, once, at start."""

import os
import ssl
from datetime import timedelta
from typing import Literal, Self

from pydantic import ConfigDict, Field, SecretStr, model_validator

from common.network.addresses import AddressRules
from common.settings import CryptoSettings, Group, ServiceSettings


def _spare_cores() -> int:
    return max(1, min(8, (os.cpu_count() or 1) - 1))


class SignInSettings(Group):
    """How many passwords are checked at a time, and how many wrong ones are borne."""

    hashing_threads: int = Field(
        default_factory=_spare_cores, ge=1, le=64, description="passwords checked at the same time; all cores but one"
    )
    hashing_queue: int = Field(64, ge=1, description="sign-ins that may wait for that; one more is 503")
    tries_per_account: int = Field(10, ge=1, description="wrong tries of one address for one account in the window")
    tries_anywhere: int = Field(
        100, ge=1, description="wrong tries for one account from all strange addresses in a quarter of an hour"
    )
    mails_per_person: int = Field(5, ge=1, description="mails about a new password or an invitation in an hour")
    mails_per_address: int = Field(30, ge=1, description="new passwords that one address may ask for in an hour")
    tries_per_address: int = Field(60, ge=1, description="wrong tries of one address in the window, any account")
    window: timedelta = Field(timedelta(minutes=5), description="how long a wrong try counts")


class KeySettings(Group):
    """How long a signing key signs, and how long it is published before and after."""

    signs_for: timedelta = timedelta(days=30)
    shown_before: timedelta = timedelta(minutes=15)
    shown_after: timedelta = timedelta(hours=1)
    check_every: timedelta = timedelta(minutes=1)
    jwks_max_age: timedelta = timedelta(minutes=5)


class SmtpSettings(Group):
    """The server that takes the mails; without a host there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    sender: str = Field("jira-export@localhost", alias="from", description="address that mails come from")
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str | None = Field(None, description="certificates to trust instead of the system's")
    timeout: timedelta = Field(timedelta(seconds=15), description="for one mail")
    look_every: timedelta = Field(timedelta(seconds=1), description="how often mails that are due are looked for")

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.username is not None and self.tls == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("SMTP__USERNAME needs SMTP__TLS=starttls or tls: a password is not sent in the clear")
        return self

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context, or None without TLS."""
        return None if self.tls == "none" else ssl.create_default_context(cafile=self.ca_file)


class TenantBounds(Group):
    """What tenants may choose for themselves."""

    most_session_days: int = Field(365, ge=1, description="longest life of a session")
    most_exports_days: int = Field(365, ge=1, description="longest time that files of exports are kept")
    least_audit_days: int = Field(30, ge=1, description="shortest time that the audit log is kept")
    most_token_days: int = Field(730, ge=1, description="longest life of an API token that is not unlimited")


class FederationSettings(Group):
    """Sign-in by other identity providers."""

    timeout: timedelta = Field(timedelta(seconds=10), description="for one call of a provider, its answer included")
    sign_in_life: timedelta = Field(timedelta(minutes=10), description="how long a person may take at the provider")
    atlassian_auth_url: str = Field("https://auth.atlassian.com", description="where Atlassian's accounts sign in")
    atlassian_api_url: str = Field("https://api.atlassian.com", description="where Atlassian tells who that was")


class PeersSettings(Group):
    """Where the services stand that erase their part of a deleted tenant."""

    # Deployments give all services the same addresses; what one does not call is none of its business.
    model_config = ConfigDict(frozen=True, extra="ignore")

    jira_sync_url: str | None = Field(None, description="without it no tenant can be deleted to its end")
    export_worker_url: str | None = Field(None, description="as above")
    api_gateway_url: str | None = Field(None, description="as above; its own address, not the public one")

    def by_service(self) -> dict[str, str | None]:
        """Name of a service → address without a slash at its end."""
        urls = {
            "jira-sync": self.jira_sync_url,
            "export-worker": self.export_worker_url,
            "api-gateway": self.api_gateway_url,
        }
        return {name: url.rstrip("/") if url else None for name, url in urls.items()}


class ErasingSettings(Group):
    """How the job works that deletes tenants."""

    check_every: timedelta = Field(timedelta(seconds=5), description="pause while services have nothing new to say")
    settle: timedelta = Field(
        timedelta(minutes=3), description="not before this does the tenant go: what was under way has ended by then"
    )


class Settings(ServiceSettings):
    """The whole configuration of auth."""

    crypto: CryptoSettings
    sign_in: SignInSettings = SignInSettings()
    signing_keys: KeySettings = KeySettings()
    tenants: TenantBounds = TenantBounds()
    mail: Literal["smtp", "console", "none"] | None = Field(
        None, description="empty = smtp where SMTP__HOST is set, otherwise none; console prints links, for developers"
    )
    smtp: SmtpSettings = SmtpSettings()
    access_token_life: timedelta = Field(timedelta(minutes=10), gt=timedelta(0), le=timedelta(minutes=10))
    keep_ended_sessions: timedelta = timedelta(days=30)
    federation: FederationSettings = FederationSettings()
    peers: PeersSettings = PeersSettings()
    erasing: ErasingSettings = ErasingSettings()
    public_url: str = Field("http://127.0.0.1:8000", description="origin under which browsers reach the gateway")
    front_end_url: str | None = Field(None, description="where people's links lead; empty = the built-in pages")
    allowed_inner_hosts: list[str] = Field([], description="names and addresses of inner networks to sign in at")
    allowed_ports: list[int] = Field([80, 443, 8080, 8443], description="ports of identity providers outside")

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> Self:
        if self.mail == "smtp" and not self.smtp.host:
            raise ValueError("MAIL=smtp needs SMTP__HOST")
        return self

    def mail_goes(self) -> Literal["smtp", "console", "none"]:
        """Never by chance to the console: links in mails are secrets."""
        return self.mail or ("smtp" if self.smtp.host else "none")

    def link(self, path: str, token: str) -> str:
        """Where a mail sends a person: the front end that is configured, or the built-in pages."""
        return f"{(self.front_end_url or self.public_url).rstrip('/')}/{path}?token={token}"

    @model_validator(mode="after")
    def _keys_outlive_their_tokens(self) -> Self:
        if self.signing_keys.shown_after < self.access_token_life + self.tokens.leeway:
            raise ValueError("SIGNING_KEYS__SHOWN_AFTER must be longer than a token lives, leeway included")
        if self.signing_keys.shown_before <= self.signing_keys.jwks_max_age:
            raise ValueError("SIGNING_KEYS__SHOWN_BEFORE must be longer than SIGNING_KEYS__JWKS_MAX_AGE")
        return self

    def address_rules(self) -> AddressRules:
        """Where identity providers may stand."""
        return AddressRules(frozenset(host.lower() for host in self.allowed_inner_hosts), frozenset(self.allowed_ports))
