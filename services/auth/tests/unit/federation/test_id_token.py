"""Parts of the ID token's check that need no provider: the hash of the access token and the ticket's secrets."""

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from auth.federation.domain.errors import IdTokenHash
from auth.federation.domain.id_token import Expected, access_token_hash, check_claims
from auth.federation.domain.ticket import new_ticket, ticket_of
from common.ids import TenantId

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def claims(**more: object):
    at = int(NOW.timestamp())
    return {"iss": "i", "aud": "c", "nonce": "n", "sub": "s", "iat": at, "exp": at + 60, **more}


def expected(algorithm="RS256", token: str | None = "the token"):  # noqa: S107 - no password
    return Expected("i", "c", "n", token, algorithm)


def test_the_hash_is_the_one_of_the_specification():
    """The example of OpenID Connect Core 1.0, appendix A.3."""
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert access_token_hash(token, "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


@pytest.mark.parametrize(
    ("algorithm", "hashed"), [("ES384", hashlib.sha384), ("PS512", hashlib.sha512), ("EdDSA", hashlib.sha512)]
)
def test_the_hash_goes_with_the_algorithm(algorithm, hashed):
    digest = hashed(b"the token").digest()
    right = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    assert check_claims(claims(at_hash=right), expected(algorithm), NOW) == "s"
    with pytest.raises(IdTokenHash):
        check_claims(claims(at_hash=right), expected("RS256"), NOW)
    with pytest.raises(IdTokenHash):
        check_claims(claims(at_hash=right), expected(algorithm, token=None), NOW)


def test_several_audiences_need_us_as_the_party():
    assert check_claims(claims(aud=["x", "c"], azp="c"), expected(), NOW) == "s"


def test_a_ticket_survives_its_cookie_and_no_two_share_a_secret():
    tenant, provider = TenantId(uuid.uuid4()), uuid.uuid4()
    tickets = [new_ticket(tenant, provider, "/x", NOW + timedelta(minutes=10)) for _ in range(50)]
    assert all(ticket_of(ticket.as_json()) == ticket for ticket in tickets)
    secrets = {value for ticket in tickets for value in (ticket.state, ticket.nonce, ticket.verifier)}
    assert len(secrets) == 150


def test_the_challenge_is_the_one_of_rfc_7636():
    """Appendix B."""
    ticket = ticket_of(
        {
            **new_ticket(TenantId(uuid.uuid4()), uuid.uuid4(), None, NOW).as_json(),
            "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        }
    )
    assert ticket.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
