"""What a lying provider, a bent browser or a thief on the way tries: each has its own refusal."""

import asyncio
import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pytest
from bent_provider import CLIENT, SECRET, bent_provider, fresh_key, redirect_elsewhere, unsigned
from openid_provider import query_of
from starlette.responses import JSONResponse, Response

from auth.domain.errors import NoMembership
from auth.federation.domain.errors import ProviderUnavailable
from auth.federation.outbound.provider_http import ProviderHttp
from auth.federation.usecases.admit_person import _create
from common.ids import PLATFORM
from common.network.addresses import AddressRules


@pytest.fixture
async def bent():
    async with bent_provider() as provider:
        yield provider


@pytest.fixture
async def made(door, bent):
    return await door.set_up(**bent.settings())


async def attempt(door, bent, made, **query: str):
    """The whole way; the provider's own page is skipped, for it would let anybody in."""
    begun = await door.begin(made["id"])
    bent.nonce = begun.asked["nonce"]
    return await door.come_back({"code": "c", "state": begun.asked["state"], **query}, begun.cookie)


def signed(claims, key, alg="HS256", **header: str):
    """HMAC by hand: the library refuses to take a public key as a secret."""
    head = {"alg": alg, "typ": "JWT", **header}
    whole = unsigned(head, claims).rsplit(".", 1)[0]
    mac = hmac.new(key, whole.encode(), hashlib.sha256).digest()
    return f"{whole}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def test_an_honest_answer_is_let_in(door, bent, made):
    assert (await attempt(door, bent, made)).status_code == 200


TOKENS = {
    "alg none": (lambda p: unsigned({"alg": "none"}, p.base_claims()), "algorithm"),
    "alg None in capitals": (lambda p: unsigned({"alg": "NONE"}, p.base_claims()), "algorithm"),
    "the client secret as a key": (lambda p: signed(p.base_claims(), SECRET.encode()), "algorithm"),
    "the public key as a secret": (lambda p: signed(p.base_claims(), p.public_pem(), kid=p.kid), "algorithm"),
    "another key under the same id": (
        lambda p: jwt.encode(p.base_claims(), fresh_key(), algorithm="RS256", headers={"kid": p.kid}),
        "signature",
    ),
    "an unknown key id": (lambda p: p.token(kid="../../etc/passwd"), "signature"),
    "a key that the token brings": (
        lambda p: jwt.encode(
            p.base_claims(),
            (key := fresh_key()),
            algorithm="RS256",
            headers={"jwk": jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "jku": p.issuer},
        ),
        "signature",
    ),
    "a stripped signature": (lambda p: p.token().rsplit(".", 1)[0] + ".", "signature"),
    "a critical extension": (lambda p: p.token(crit=["b64"], b64=False), "algorithm"),
    "no token at all": (lambda _: "x", "malformed"),
    "a huge token": (lambda p: p.token(pad="x" * 100_000), "malformed"),
}


async def test_a_forged_id_token_is_refused(door, bent, made):
    refused = {}
    for name, (bent.make, _) in TOKENS.items():
        answer = await attempt(door, bent, made)
        refused[name] = (answer.status_code, answer.json().get("code"))
    assert refused == {name: (401, f"auth.id_token_{code}") for name, (_, code) in TOKENS.items()}


NOW = int(time.time())
CLAIMS = {
    "another issuer": ({"iss": "https://evil.example"}, "issuer"),
    "another audience": ({"aud": "another-client"}, "audience"),
    "two audiences without a party": ({"aud": [CLIENT, "another"]}, "audience"),
    "another party": ({"azp": "another"}, "audience"),
    "no audience": ({"aud": None}, "audience"),
    "expired": ({"exp": NOW - 40}, "expired"),
    "from the future": ({"iat": NOW + 3600}, "expired"),
    "not yet valid": ({"nbf": NOW + 3600}, "expired"),
    "no end": ({"exp": None}, "malformed"),
    "an end that is no number": ({"exp": "tomorrow"}, "malformed"),
    "another nonce": ({"nonce": "another"}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "another access token": ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "hash"),
    "no subject": ({"sub": None}, "malformed"),
    "an empty subject": ({"sub": ""}, "malformed"),
}


async def test_an_id_token_for_something_else_is_refused(door, bent, made):
    refused = {}
    for name, (bent.claims, _) in CLAIMS.items():
        answer = await attempt(door, bent, made)
        refused[name] = (answer.status_code, answer.json().get("code"))
    assert refused == {name: (401, f"auth.id_token_{code}") for name, (_, code) in CLAIMS.items()}


async def test_thirty_seconds_of_skew_are_borne(door, bent, made):
    now = int(time.time())
    bent.claims = {"iat": now + 20, "nbf": now + 20, "exp": now - 20}
    assert (await attempt(door, bent, made)).status_code == 200


async def test_the_answer_to_another_sign_in_is_refused_and_leaves_this_one(door, bent, made):
    first, second = await door.begin(made["id"]), await door.begin(made["id"])
    answer = await door.come_back({"code": "c", "state": first.asked["state"]}, second.cookie)
    assert (answer.status_code, answer.json()["code"]) == (400, "auth.state_mismatch")
    assert "set-cookie" not in answer.headers
    bent.nonce = second.asked["nonce"]
    assert (await door.come_back({"code": "c", "state": second.asked["state"]}, second.cookie)).status_code == 200


async def test_a_browser_that_began_nothing_finishes_nothing(door, bent, made):
    """Somebody who gets a victim to open his answer does not sign the victim in as himself."""
    begun = await door.begin(made["id"])
    answer = await door.come_back({"code": "c", "state": begun.asked["state"]}, None)
    assert (answer.status_code, answer.json()["code"]) == (400, "auth.sign_in_unknown")
    bent_cookie = begun.cookie[:-8] + "AAAAAAA="
    answer = await door.come_back({"code": "c", "state": begun.asked["state"]}, bent_cookie)
    assert answer.json()["code"] == "auth.sign_in_unknown"
    assert "token" not in bent.calls


async def test_a_sign_in_ends_after_ten_minutes(auth, door, bent, made):
    begun = await door.begin(made["id"])
    auth.clock.move(auth.settings.federation.sign_in_life)
    answer = await door.come_back({"code": "c", "state": begun.asked["state"]}, begun.cookie)
    assert answer.json()["code"] == "auth.sign_in_unknown"


async def test_a_replayed_answer_opens_no_second_session(door, bent, made):
    """This provider takes its code twice; we do not."""
    begun = await door.begin(made["id"])
    bent.nonce = begun.asked["nonce"]
    back = {"code": "c", "state": begun.asked["state"]}
    assert (await door.come_back(back, begun.cookie)).status_code == 200
    answer = await door.come_back(back, begun.cookie)
    assert (answer.status_code, answer.json()["code"]) == (400, "auth.sign_in_repeated")


async def test_another_providers_answer_is_never_sent_to_this_one(door, bent, made):
    """Mix-up: the code of an honest provider must not reach one that lies."""
    begun = await door.begin(made["id"])
    back = {"code": "the honest one's", "state": begun.asked["state"]}
    swapped = await door.come_back({**back, "iss": "https://honest.example"}, begun.cookie)
    assert (swapped.status_code, swapped.json()["code"]) == (400, "auth.issuer_mismatch")
    elsewhere = await door.come_back(back, begun.cookie, "/api/v1/auth/oidc/callback/atlassian")
    assert elsewhere.json()["code"] == "auth.issuer_mismatch"
    assert "token" not in bent.calls


async def test_a_provider_that_names_itself_has_to_do_so_in_each_answer(door, bent):
    bent.document = {"authorization_response_iss_parameter_supported": True}
    made = await door.set_up(**bent.settings())
    assert (await attempt(door, bent, made)).json()["code"] == "auth.issuer_mismatch"
    assert (await attempt(door, bent, made, iss=bent.issuer)).status_code == 200


async def test_an_address_and_the_word_for_it_come_from_one_place(door, bent, made):
    """An unverified address of the ID token does not become true by what userinfo says of another one."""
    bent.claims = {"email": "owner@example.com", "email_verified": None}
    bent.answers["userinfo"] = JSONResponse({"sub": bent.sub, "email": "x@evil.test", "email_verified": True})
    assert (await attempt(door, bent, made)).json()["code"] == "auth.no_membership"


async def test_userinfo_about_somebody_else_is_refused(door, bent, made):
    bent.claims = {"email": None}
    bent.answers["userinfo"] = JSONResponse({"sub": "another", "email": "new@example.com", "email_verified": True})
    assert (await attempt(door, bent, made)).json()["code"] == "auth.id_token_malformed"


async def test_only_a_plain_yes_verifies_an_address(door, bent, made):
    bent.answers["userinfo"] = JSONResponse({"sub": bent.sub})
    for value in (False, None, "yes", 1.5, "false", ["true"]):
        bent.claims = {"email_verified": value}
        assert (await attempt(door, bent, made)).json()["code"] == "auth.email_not_verified", value


DOCUMENTS = {
    "another issuer": ({"issuer": "https://honest.example"}, 400, "auth.issuer_mismatch"),
    "an inner token endpoint": ({"token_endpoint": "http://169.254.169.254/t"}, 400, "auth.provider_address_forbidden"),
    "an inner address by name": ({"jwks_uri": "http://metadata.internal/"}, 400, "auth.provider_address_forbidden"),
    "plain http elsewhere": ({"token_endpoint": "http://example.com/t"}, 400, "auth.provider_address_forbidden"),
    "a file": ({"jwks_uri": "file:///etc/passwd"}, 400, "auth.provider_address_forbidden"),
    "an odd port": ({"token_endpoint": "https://example.com:22/"}, 400, "auth.provider_address_forbidden"),
    "no token endpoint": ({"token_endpoint": None}, 502, "auth.provider_broken"),
    "a script for the browser": ({"authorization_endpoint": "javascript:x"}, 400, "auth.provider_address_forbidden"),
}


async def test_a_discovery_document_leads_nowhere_it_should_not(auth, bent):
    owner, refused = await auth.owner(), {}
    for name, (bent.document, *_) in DOCUMENTS.items():
        answer = await owner.call("POST", "/identity-providers", bent.settings())
        refused[name] = (answer.status_code, answer.json().get("code"))
    assert refused == {name: (status, code) for name, (_, status, code) in DOCUMENTS.items()}
    assert set(bent.calls) == {"discovery"}


ANSWERS = {
    "a redirect": (redirect_elsewhere(), 502, "auth.provider_broken"),
    "a huge answer": (Response(b'{"issuer":"' + b"x" * 400_000 + b'"}'), 502, "auth.provider_broken"),
    "a packed answer": (Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), 502, "auth.provider_broken"),
    "no JSON": (Response("<html>"), 502, "auth.provider_broken"),
    "a list": (JSONResponse([]), 502, "auth.provider_broken"),
    "not found": (JSONResponse({}, 404), 502, "auth.provider_broken"),
    "an error": (Response(status_code=500), 503, "auth.provider_unavailable"),
    "busy": (Response(status_code=429), 503, "auth.provider_unavailable"),
}


async def test_a_bent_answer_is_not_believed(auth, bent):
    owner = await auth.owner()
    for name, (answer, status, code) in ANSWERS.items():
        bent.answers["discovery"] = answer
        refused = await owner.call("POST", "/identity-providers", bent.settings())
        assert (refused.status_code, refused.json()["code"]) == (status, code), name
        assert ("retry-after" in refused.headers) == (status == 503), name


INNER = (
    "http://169.254.169.254",
    "https://10.0.0.1",
    "https://[::1]",
    "https://167772161",
    "https://0x0a.1",
    "http://example.com",
    "https://user:password@example.com",
    "https://example.com:6379",
)


async def test_no_issuer_leads_into_the_inner_network(auth, bent):
    owner = await auth.owner()
    for issuer in INNER:
        answer = await owner.call("POST", "/identity-providers", bent.settings(issuer=issuer))
        assert (answer.status_code, answer.json()["code"]) == (400, "auth.provider_address_forbidden"), issuer


async def test_a_provider_that_went_away_is_503_with_a_time(door, bent, made):
    begun = await door.begin(made["id"])
    bent.answers["token"] = Response(status_code=503)
    answer = await door.come_back({"code": "c", "state": begun.asked["state"]}, begun.cookie)
    assert (answer.status_code, answer.json()["code"]) == (503, "auth.provider_unavailable")
    assert int(answer.headers["retry-after"]) > 0


REFUSALS = {
    "invalid_grant": (401, "auth.code_refused"),
    "invalid_client": (502, "auth.client_refused"),
    "server_error": (502, "auth.provider_broken"),
}


async def test_what_the_token_endpoint_refuses_has_its_own_code(door, bent, made):
    for error, expected in REFUSALS.items():
        bent.answers["token"] = JSONResponse({"error": error}, 400)
        answer = await attempt(door, bent, made)
        assert (answer.status_code, answer.json()["code"]) == expected


async def test_a_rotated_key_is_found_and_unknown_ones_do_not_hammer_the_provider(door, bent, made):
    assert (await attempt(door, bent, made)).status_code == 200
    assert bent.calls.count("jwks") == 1
    bent.make = lambda p: p.token(kid="unknown")
    for _ in range(3):
        assert (await attempt(door, bent, made)).json()["code"] == "auth.id_token_signature"
    assert bent.calls.count("jwks") <= 2


async def test_the_discovery_document_is_asked_for_once(door, bent, made):
    for _ in range(2):
        assert query_of((await door.begin(made["id"])).location)["response_type"] == "code"
    assert bent.calls == ["discovery"]


async def test_a_slow_provider_keeps_nobody_waiting_for_another(bent):
    http = ProviderHttp(AddressRules(frozenset({"127.0.0.1"})), timedelta(seconds=5))
    async with bent_provider() as quick:
        bent.slow = 60
        crowd = [asyncio.create_task(http.get(f"{bent.issuer}/jwks")) for _ in range(250)]
        async with asyncio.timeout(3):
            while len(bent.calls) < 8:
                await asyncio.sleep(0.01)
            assert (await http.get(f"{quick.issuer}/jwks")).is_fine
        assert len(bent.calls) == 8
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    await http.close()


async def test_a_provider_that_takes_too_long_is_away(bent):
    http = ProviderHttp(AddressRules(frozenset({"127.0.0.1"})), timedelta(milliseconds=200))
    bent.slow = 60
    with pytest.raises(ProviderUnavailable):
        await http.get(f"{bent.issuer}/jwks")
    await http.close()


async def test_an_account_that_appeared_meanwhile_is_not_linked(auth):
    async with auth.app.db.uow(PLATFORM) as tx:
        with pytest.raises(NoMembership):
            await _create(tx, "owner@example.com", "Mallory", auth.clock())
