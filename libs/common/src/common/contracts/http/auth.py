"""HTTP bodies of auth, shared with the gateway that documents and forwards them: JSON in and out, nothing else."""

from datetime import datetime
from typing import Annotated, Literal

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    SecretStr,
    StringConstraints,
)

from common.clock import rfc3339

MAX_PASSWORD = 128
MAX_TOKEN = 512

# Self-hosted installations do have addresses under .local; the library refuses them unless told so.
if "local" in SPECIAL_USE_DOMAIN_NAMES:
    SPECIAL_USE_DOMAIN_NAMES.remove("local")


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("NUL characters are not allowed")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("lone surrogates are not allowed") from None
    return text


def _address(text: str) -> str:
    """The form an address is stored and compared in: checked without DNS, lower case."""
    try:
        return validate_email(_without_nul(text), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


def _secret_without_nul(secret: SecretStr) -> SecretStr:
    _without_nul(secret.get_secret_value())
    return secret


Text = Annotated[str, AfterValidator(_without_nul)]
EmailAddress = Annotated[str, Field(max_length=254), AfterValidator(_address)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_without_nul)
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)]
Password = Annotated[SecretStr, Field(max_length=MAX_PASSWORD), AfterValidator(_secret_without_nul)]
Opaque = Annotated[SecretStr, Field(min_length=1, max_length=MAX_TOKEN), AfterValidator(_secret_without_nul)]
TenantRef = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_without_nul)]
RoleName = Literal["owner", "admin", "member", "viewer"]
Locale = Literal["en", "ru"]
Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class LoginRequest(_Request):
    """Who signs in; `tenant` is a slug or an id, needed only by those who belong to several."""

    email: EmailAddress
    password: Password
    tenant: TenantRef | None = None
    #: `cookie` is for browsers: the tokens come as `__Host-` cookies and not in the answer.
    delivery: Literal["body", "cookie"] = "body"


class RefreshRequest(_Request):
    """Without a token here the cookie is refreshed, and the answer comes as cookies again."""

    refresh_token: Opaque | None = None


class LogoutRequest(_Request):
    refresh_token: Opaque | None = None


class SwitchRequest(_Request):
    tenant: TenantRef


class SignedIn(_Answer):
    """A pair of tokens; times are seconds from now."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of the scheme
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    session_id: str


class SignedInByCookie(_Answer):
    """The tokens are in cookies; what changes something sends `__Host-je_csrf` back as `X-CSRF-Token`."""

    token_type: Literal["Cookie"] = "Cookie"  # noqa: S105 - the name of the way
    expires_in: int
    refresh_expires_in: int
    session_id: str


class SignInAnswer(RootModel[SignedIn | SignedInByCookie]):
    """Tokens in the answer, or the word that they are in cookies."""


class SessionView(_Answer):
    """One sign-in on one device; it ends when it was not used until `idle_until`, and in any case at `expires`."""

    id: str
    tenant_id: str | None
    device: str | None
    address: str | None
    created: Time
    last_used: Time
    idle_until: Time
    expires: Time
    method: str
    current: bool


class SessionList(_Answer):
    items: list[SessionView]
    next_cursor: str | None = None


class TenantSummary(_Answer):
    id: str
    name: str
    slug: str


class MyTenant(TenantSummary):
    role: RoleName


class Me(_Answer):
    """Who is signed in, where, and what the token lets through."""

    id: str
    email: str
    name: str
    locale: Locale
    operator: bool
    tenant: TenantSummary | None
    role: str
    scopes: list[str]
    session_id: str
    tenants: list[MyTenant]


class MePatch(_Request):
    """A new password asks for the current one and ends all other sessions."""

    name: Name | None = None
    locale: Locale | None = None
    current_password: Password | None = None
    new_password: Password | None = None


class NewUser(_Request):
    """Without a password the person is invited by a mail; so is, password or not, who has an account already."""

    email: EmailAddress
    name: Name | None = None
    role: RoleName = "member"
    password: Password | None = None


class UserPatch(_Request):
    role: RoleName | None = None
    active: bool | None = None


class UserView(_Answer):
    id: str
    email: str
    name: str
    role: RoleName
    active: bool
    created: Time


class ListCount(_Answer):
    """How many there are in all; given when it is asked for."""

    value: int
    exact: bool = True


class UserList(_Answer):
    items: list[UserView]
    next_cursor: str | None
    count: ListCount | None = None


class NewOwner(_Request):
    email: EmailAddress
    name: Name | None = None
    password: Password | None = None


class NewTenant(_Request):
    name: Name
    slug: Slug
    owner: NewOwner


class TenantPatch(_Request):
    """A suspended tenant lets nobody in and ends its sessions."""

    name: Name | None = None
    state: Literal["active", "suspended"] | None = None


class DeletionProgress(_Answer):
    """How many rows, files and keys were there when most were seen, and how many of them are gone."""

    done: int
    total: int


class DeletionView(_Answer):
    """A deletion under way: what is left by service, and who has not answered yet."""

    asked: Time
    progress: DeletionProgress
    left: dict[str, dict[str, int]]
    waiting_for: list[str]


class TenantView(TenantSummary):
    state: Literal["active", "suspended", "deleting"]
    created: Time
    deletion: DeletionView | None = None


class TenantDeletion(_Answer):
    """The answer to a deletion: it goes on by itself; `links.self` answers 404 when all is gone."""

    id: str
    status: Literal["deleting"]
    progress: DeletionProgress
    left: dict[str, dict[str, int]]
    waiting_for: list[str]
    links: dict[str, str]


class CreatedTenant(TenantView):
    """Without a password, and for somebody who has an account, the owner is invited and `owner_id` is null."""

    owner_id: str | None
    invitation_id: str | None = None


class TenantList(_Answer):
    items: list[TenantView]
    next_cursor: str | None
