"""The Authorization header in, the account out; no header is an anonymous guest, a wrong one is refused."""

import base64
import binascii
import hmac

from jira_simulator.generate.accounts import Door
from jira_simulator.http.errors import Refused
from jira_simulator.model.records import Account
from jira_simulator.model.site import Site

FAILED = "AUTHENTICATED_FAILED"


def authenticate(site: Site, door: Door, header: str | None) -> Account | None:
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    account = None
    if scheme.lower() == "basic":
        account = _basic(door, value.strip())
    elif scheme.lower() == "bearer":
        account = next((a for token, a in door.bearer.items() if _same(token, value.strip())), None)
    if account is None:
        raise _refusal(site, scheme)
    return account


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _basic(door: Door, value: str) -> Account | None:
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    found = [account for (n, s), account in door.basic.items() if n.lower() == name.lower() and _same(s, secret)]
    return found[0] if found else None


def _refusal(site: Site, scheme: str) -> Refused:
    if site.cloud or scheme.lower() != "basic":
        return Refused(
            401, body={"message": "Client must be authenticated to access this resource.", "status-code": 401}
        )
    return Refused(
        401,
        html="<html><head><title>Unauthorized (401)</title></head><body><h1>Unauthorized (401)</h1>"
        f"<p>Basic Authentication Failure - Reason : {FAILED}</p></body></html>",
    )


def identity_headers(site: Site, account: Account | None, *, failed: bool, request_id: str) -> dict[str, str]:
    """What Jira says about who asked; on Data Center the only sign that a login was ignored."""
    if site.cloud:
        headers = {"X-AREQUESTID": request_id, "Atl-Traceid": request_id}
        if account is not None:
            headers["X-AACCOUNTID"] = account.user.id
        if failed:
            headers |= {"X-Seraph-LoginReason": FAILED, "WWW-Authenticate": f'OAuth realm="{site.base_url}"'}
        return headers
    headers = {
        "X-AREQUESTID": request_id,
        "X-ANODEID": "node1",
        "X-AUSERNAME": account.user.name if account else "anonymous",
        "X-Seraph-LoginReason": FAILED if failed else "OK",
    }
    if failed:
        headers["WWW-Authenticate"] = 'OAuth realm="' + site.base_url + '"'
    return headers
