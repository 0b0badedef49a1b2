"""HTTP bodies of API tokens: JSON in and out, nothing else."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints, model_validator

from common.contracts.http.auth import Time
from common.contracts.http.paging import PageParameters
from common.contracts.http.request_model import RequestModel, ResponseModel

#: A tenant's scopes; the operator's own can be given to no token.
TenantScope = Literal[
    "issues:read",
    "issues:write",
    "exports:read",
    "exports:create",
    "connections:read",
    "connections:admin",
    "users:read",
    "users:admin",
    "tenant:admin",
    "tokens:admin",
    "audit:read",
]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class TokenListParameters(PageParameters):
    """`?all=true` for those of the whole tenant."""

    all: bool = Field(False, description="of the whole tenant; needs tokens:admin")


class RevokeParameters(BaseModel):
    """`?all=true` for those of the whole tenant."""

    all: bool = Field(False, description="of the whole tenant; needs tokens:admin")


class NewApiToken(RequestModel):
    """Without `expires_in_days` it lasts 90 days, or as long as the tenant allows; `unlimited` needs an owner."""

    name: TokenName
    scopes: list[TenantScope] = Field(min_length=1, max_length=20)
    expires_in_days: Annotated[int, Field(ge=1, le=3650, strict=True)] | None = None
    unlimited: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "NewApiToken":
        if self.unlimited and self.expires_in_days is not None:
            raise ValueError("a token either is unlimited or expires in days")
        return self


class RotateApiToken(RequestModel):
    """How long the old token goes on beside its successor; 0 ends it now."""

    overlap_hours: Annotated[int, Field(ge=0, le=168, strict=True)] = 24


class ApiTokenView(ResponseModel):
    """A token without its text; `hint` is how the text begins."""

    id: str
    user_id: str
    name: str
    hint: str
    scopes: list[str]
    created: Time
    expires: Time | None
    last_used: Time | None
    replaced_by: str | None


class CreatedApiToken(ApiTokenView):
    """The only answer that shows the text."""

    token: str


class ApiTokenList(ResponseModel):
    items: list[ApiTokenView]
    next_cursor: str | None


class ExchangeRequest(RequestModel):
    """Service to service: what a client showed, and from which address."""

    token: Annotated[SecretStr, Field(max_length=200)]
    address: Annotated[str, Field(max_length=64)] | None = None


class ExchangedToken(ResponseModel):
    access_token: str
    expires_in: int
