"""Claims as providers write them in, a vouched person out; what is not well formed counts as not said."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from auth.federation.domain.providers import Provider, Vouched
from common.contracts.http.auth import EmailAddress

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)
_MOST_NAME = 200
_MOST_GROUPS = 2000


def vouched_for(
    provider: Provider, subject: str, claims: Mapping[str, Any], sites: frozenset[str] = frozenset()
) -> Vouched:
    email = address_of(claims.get("email"))
    return Vouched(
        issuer=provider.issuer,
        subject=subject,
        email=email,
        # Some providers write the word instead of the truth value; nothing else means yes.
        email_verified=email is not None and claims.get("email_verified") in (True, "true"),
        name=name_of(claims.get("name")),
        groups=_groups(claims, provider.rules.groups_claim),
        sites=sites,
    )


def merged(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ID token goes first; an address and the word for it are always taken from the same place."""
    both = {**userinfo, **claims}
    if "email" in userinfo and not ("email" in claims and "email_verified" in claims):
        both |= {name: userinfo.get(name) for name in ("email", "email_verified")}
    return both


def address_of(value: Any) -> str | None:
    try:
        return _ADDRESS.validate_python(value) if isinstance(value, str) and len(value) <= 254 else None
    except ValidationError:
        return None


def name_of(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return "".join(char for char in value if char.isprintable()).strip()[:_MOST_NAME] or None


def _groups(claims: Mapping[str, Any], name: str | None) -> frozenset[str]:
    found = claims.get(name) if name else None
    if isinstance(found, str):
        return frozenset({found})
    entries = found[:_MOST_GROUPS] if isinstance(found, list) else []
    return frozenset(entry for entry in entries if isinstance(entry, str))
