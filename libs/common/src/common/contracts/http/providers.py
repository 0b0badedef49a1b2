"""HTTP bodies of sign-in by other identity providers: what an administrator sets up, and what a sign-in page shows."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints, TypeAdapter, model_validator

from common.contracts.http.auth import EmailAddress, Name, Time
from common.contracts.http.request_model import RequestModel, ResponseModel

ProviderKind = Literal["oidc", "atlassian"]
#: What a provider may make of a person: an owner is only ever made by an owner.
GrantedRole = Literal["admin", "member", "viewer"]

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


def _domain(text: str) -> str:
    """In the form in which the domain of a stored e-mail address is written."""
    if "@" in text or len(text) > 253:
        raise ValueError("that is not a domain like example.com")
    return _ADDRESS.validate_python(f"x@{text}").partition("@")[2]


def _secret(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isprintable():
        raise ValueError("control characters are not allowed")
    return value


Domain = Annotated[str, AfterValidator(_domain)]
Issuer = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$", max_length=500)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=255)]
ClientSecret = Annotated[SecretStr, Field(min_length=1, max_length=2000), AfterValidator(_secret)]
Claim = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=200)]
OAuthScope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$", max_length=100)]
Group = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class NewIdentityProvider(RequestModel):
    """`domain_role` for `domains`, `group_roles`, `site_role`: who joins at the first sign-in, and as what."""

    kind: ProviderKind
    name: Name
    issuer: Issuer | None = Field(None, description="exactly as the provider names itself; only for oidc")
    client_id: ClientId
    client_secret: ClientSecret | None = None
    scopes: list[OAuthScope] = Field([], max_length=20, description="asked for besides openid, email and profile")
    enabled: bool = True
    domains: list[Domain] = Field([], max_length=50, description="e-mail domains that this provider vouches for")
    domain_role: GrantedRole | None = None
    groups_claim: Claim | None = None
    group_roles: dict[Group, GrantedRole] = Field({}, max_length=200)
    site_role: GrantedRole | None = Field(None, description="for people with a Jira site that is connected here")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "oidc") != (self.issuer is not None):
            raise ValueError("issuer: needed for oidc, and only there")
        if self.kind == "atlassian" and self.client_secret is None:
            raise ValueError("client_secret: needed for atlassian")
        if self.kind == "atlassian" and (self.groups_claim or self.group_roles):
            raise ValueError("groups_claim and group_roles: Atlassian tells no groups")
        if self.kind == "oidc" and self.site_role is not None:
            raise ValueError("site_role: only for atlassian")
        if self.group_roles and self.groups_claim is None:
            raise ValueError("groups_claim: needed for group_roles")
        return self


class IdentityProviderPatch(RequestModel):
    """What is not named stays; kind and issuer never change, because people are known by them."""

    name: Name | None = None
    client_id: ClientId | None = None
    client_secret: ClientSecret | None = None
    scopes: list[OAuthScope] | None = Field(None, max_length=20)
    enabled: bool | None = None
    domains: list[Domain] | None = Field(None, max_length=50)
    domain_role: GrantedRole | None = None
    groups_claim: Claim | None = None
    group_roles: dict[Group, GrantedRole] | None = Field(None, max_length=200)
    site_role: GrantedRole | None = None


class IdentityProviderView(ResponseModel):
    """The secret never comes back; `callback` is what has to be registered at the provider."""

    id: str
    kind: ProviderKind
    name: str
    issuer: str
    client_id: str
    secret_set: bool
    scopes: list[str]
    enabled: bool
    domains: list[str]
    domain_role: GrantedRole | None
    groups_claim: str | None
    group_roles: dict[str, GrantedRole]
    site_role: GrantedRole | None
    callback: str
    created: Time
    updated: Time


class IdentityProviderList(ResponseModel):
    items: list[IdentityProviderView]
    next_cursor: str | None = None


class SignInProvider(ResponseModel):
    """One button of a sign-in page."""

    id: str
    kind: ProviderKind
    name: str
    start: str


class SignInProviderList(ResponseModel):
    """Empty for a tenant without providers, and for one that does not exist."""

    items: list[SignInProvider]


class TenantParameters(BaseModel):
    """`?tenant=acme`."""

    tenant: str = Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$", description="slug or id")


class StartParameters(TenantParameters):
    """`?tenant=acme&return_to=/board`."""

    return_to: str | None = Field(None, max_length=1000, description="a path, or an address of an allowed origin")


class CallbackParameters(BaseModel):
    """What a provider adds to our address."""

    code: str | None = Field(None, max_length=4096)
    state: str | None = Field(None, max_length=4096)
    error: str | None = Field(None, max_length=4096)
    iss: str | None = Field(None, max_length=4096)
