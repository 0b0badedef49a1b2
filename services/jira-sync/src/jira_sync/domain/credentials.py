"""What a connection signs in with; the secret is never shown, not even by accident."""

from dataclasses import dataclass, field
from typing import Literal

Method = Literal["basic", "api_token", "pat"]


@dataclass(frozen=True)
class Credentials:
    """An account and its secret: a password, an API token or a personal access token."""

    method: Method
    account: str
    secret: str = field(repr=False)
