"""API tokens are recognised by their form, exchanged once, and go on while auth is away, but not when revoked."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.contracts.events import Envelope, Event, cloud_event
from common.contracts.topics import Topic
from common.errors import KeysUnavailable, TokenExpired, TokenOutdated, TokenRevoked, Unauthenticated
from common.ids import SessionId, TenantId, UserId, new_id, public_id
from common.messaging.broadcast import Received
from common.settings import InternalSettings, TokenSettings
from common.web.api_tokens import ApiTokens, Exchanged, HttpExchange, TooManyGuesses, is_api_token, new_api_token
from common.web.ended_sessions import REMEMBER, EndedSessionList
from common.web.tokens import Caller, TokenVerifier

KEY = Ed25519PrivateKey.generate()
TENANT, USER = TenantId(new_id()), UserId(new_id())
TOKEN = new_api_token()
LIFE = 300


class Auth:
    """Exchanges, counts how often, and can go away or refuse."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails: Exception | None = None
        self.session = SessionId(new_id())
        self.version = 1_000_000
        self.scopes = ["issues:read"]

    async def __call__(self, _text: str) -> Exchanged:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        return Exchanged(self.access_token(), LIFE)

    def access_token(self) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": "jira-export", "aud": "jira-export", "jti": "j", "role": "member"}
        claims |= {"sub": public_id("usr", USER), "tenant": public_id("ten", TENANT), "iat": now, "exp": now + LIFE}
        claims |= {"sid": public_id("ses", self.session), "scopes": self.scopes, "ver": self.version}
        return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "k1"})


class Moved:
    """A clock that is put on by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def jwks(_request: httpx.Request) -> httpx.Response:
    key = jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return httpx.Response(200, json={"keys": [{**key, "kid": "k1"}]})


def verifier(auth: Auth, ended: EndedSessionList | None = None) -> TokenVerifier:
    client = httpx.AsyncClient(transport=httpx.MockTransport(jwks))
    return TokenVerifier(TokenSettings(jwks_url="http://auth/jwks"), client, ended, exchange=auth)


def heard(event: Event) -> Received:
    made = cloud_event(event, tenant=TENANT, time=datetime.now(UTC), traceparent=None)
    return Received(Topic.ACCESS_EVENTS, 0, 0, 0, b"", Envelope.model_validate(made))


def changed(at: datetime) -> Received:
    return heard(MembershipChangedV1(user_id=public_id("usr", USER), role="viewer", at=at))


def over(session: SessionId) -> Received:
    now = datetime.now(UTC)
    return heard(
        SessionEndedV1(
            user_id=public_id("usr", USER), session_id=public_id("ses", session), reason="token_revoked", at=now
        )
    )


def test_a_fresh_token_has_the_form_and_no_other_text_has() -> None:
    assert is_api_token(TOKEN)
    assert len(TOKEN) == 42
    assert TOKEN.startswith("jex_")
    for other in ("", "jex_", TOKEN[:-1], TOKEN + "A", " " + TOKEN, TOKEN + "\n", TOKEN.swapcase(), "jer_" + TOKEN[4:]):
        assert not is_api_token(other), other


@given(place=st.integers(4, 41), sign=st.sampled_from("0123456789ABCDEFabcdefXYZxyz"))
def test_a_typing_error_is_found_by_the_checksum(place: int, sign: str) -> None:
    mistyped = TOKEN[:place] + sign + TOKEN[place + 1 :]
    assert is_api_token(mistyped) is (mistyped == TOKEN)


async def test_a_mistyped_token_asks_nobody() -> None:
    auth = Auth()
    with pytest.raises(Unauthenticated):
        await verifier(auth).verify(TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"))
    assert auth.asked == 0


async def test_many_requests_at_once_are_one_exchange_and_later_ones_are_none() -> None:
    auth = Auth()
    checked = verifier(auth)
    who = await asyncio.gather(*(checked.verify(TOKEN) for _ in range(20)))
    assert auth.asked == 1
    await checked.verify(TOKEN)
    assert auth.asked == 1
    assert all(isinstance(each, Caller) and each.token != TOKEN for each in who)


async def test_auth_away_leaves_known_tokens_until_their_end_and_refuses_unknown_ones() -> None:
    auth, now = Auth(), Moved()
    tokens = ApiTokens(auth, now)
    first = await tokens.access_token_of(TOKEN)
    auth.fails = KeysUnavailable()
    now.seconds += LIFE - 1
    assert await tokens.access_token_of(TOKEN) == first
    with pytest.raises(KeysUnavailable):
        await tokens.access_token_of(new_api_token())
    now.seconds += 2
    with pytest.raises(KeysUnavailable):
        await tokens.access_token_of(TOKEN)


async def test_a_token_is_exchanged_anew_before_its_access_token_ends() -> None:
    auth, now = Auth(), Moved()
    tokens = ApiTokens(auth, now)
    await tokens.access_token_of(TOKEN)
    now.seconds += LIFE - 30
    await tokens.access_token_of(TOKEN)
    assert auth.asked == 2


@pytest.mark.parametrize("refusal", [Unauthenticated, TokenRevoked, TokenExpired])
async def test_a_refused_token_is_remembered_for_a_moment_and_forgotten_at_once_where_it_was_good(
    refusal: type[Unauthenticated],
) -> None:
    auth, now = Auth(), Moved()
    tokens = ApiTokens(auth, now)
    await tokens.access_token_of(TOKEN)
    auth.fails = refusal()
    now.seconds += LIFE - 30
    for _ in range(5):
        with pytest.raises(refusal):
            await tokens.access_token_of(TOKEN)
    assert auth.asked == 2
    now.seconds += 6
    auth.fails = None
    await tokens.access_token_of(TOKEN)


async def test_a_revoked_token_stops_although_its_access_token_is_remembered() -> None:
    auth, ended = Auth(), EndedSessionList()
    checked = verifier(auth, ended)
    await checked.verify(TOKEN)
    ended.note(over(auth.session))
    with pytest.raises(TokenRevoked):
        await checked.verify(TOKEN)


async def test_a_change_of_role_is_seen_at_once_by_a_new_exchange() -> None:
    auth, ended = Auth(), EndedSessionList()
    auth.scopes = ["issues:read", "issues:write"]
    checked = verifier(auth, ended)
    assert "issues:write" in (await checked.verify(TOKEN)).scopes
    ended.note(changed(datetime.fromtimestamp(2, UTC)))
    auth.scopes, auth.version = ["issues:read"], 2_000_000
    assert (await checked.verify(TOKEN)).scopes == {"issues:read"}
    assert auth.asked == 2


async def test_an_access_token_older_than_a_change_of_rights_is_outdated_and_a_newer_one_is_not() -> None:
    auth, ended = Auth(), EndedSessionList()
    checked = verifier(auth, ended)
    old = auth.access_token()
    auth.version = 2_000_000
    new = auth.access_token()
    ended.note(changed(datetime.fromtimestamp(2, UTC)))
    with pytest.raises(TokenOutdated):
        await checked.verify(old)
    await checked.verify(new)


def test_the_list_remembers_as_long_as_a_token_can_live_and_no_longer() -> None:
    now = Moved()
    ended = EndedSessionList(now)
    first, second = SessionId(new_id()), SessionId(new_id())
    ended.note(over(first))
    now.seconds += REMEMBER.total_seconds() - 1
    ended.note(over(second))
    assert ended.is_ended(TENANT, first)
    now.seconds += 2
    ended.note(over(SessionId(new_id())))
    assert not ended.is_ended(TENANT, first)
    assert ended.is_ended(TENANT, second)


def test_only_its_own_tenants_word_ends_a_session() -> None:
    ended, session = EndedSessionList(), SessionId(new_id())
    ended.note(over(session))
    assert ended.is_ended(TENANT, session)
    assert not ended.is_ended(TenantId(new_id()), session)


def test_a_session_is_forgotten_in_time_also_when_no_other_ends() -> None:
    """The API tokens of a tenant that was suspended for a while have the same name afterwards."""
    now = Moved()
    ended, session = EndedSessionList(now), SessionId(new_id())
    ended.note(over(session))
    now.seconds += REMEMBER.total_seconds() - 1
    assert ended.is_ended(TENANT, session)
    now.seconds += 2
    assert not ended.is_ended(TENANT, session)


def test_an_older_change_that_comes_late_takes_nothing_back() -> None:
    ended = EndedSessionList()
    ended.note(changed(datetime.fromtimestamp(5, UTC)))
    ended.note(changed(datetime.fromtimestamp(3, UTC)))
    assert ended.is_outdated(TENANT, USER, 4_000_000)
    assert not ended.is_outdated(TenantId(new_id()), USER, 0)
    assert not ended.is_outdated(TENANT, UserId(new_id()), 0)


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (httpx.Response(401, json={"code": "auth.token_revoked"}), TokenRevoked),
        (httpx.Response(401, json={"code": "auth.token_expired"}), TokenExpired),
        (httpx.Response(401, json={"code": "access.token_invalid"}), Unauthenticated),
        (httpx.Response(429, json={"code": "auth.too_many_tries"}, headers={"Retry-After": "7"}), TooManyGuesses),
        (httpx.Response(503, json={"code": "service.unavailable"}), KeysUnavailable),
        (httpx.Response(500, json={"code": "server.error"}), KeysUnavailable),
        (httpx.Response(200, text="<html>"), KeysUnavailable),
        (httpx.Response(200, json={"access_token": "x"}), KeysUnavailable),
        (httpx.Response(200, json=[]), KeysUnavailable),
    ],
)
async def test_what_auth_says_becomes_one_refusal(answer: httpx.Response, raised: type[Exception]) -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer))
    internal = InternalSettings(secret="s" * 40)  # type: ignore[arg-type]
    ask = HttpExchange(TokenSettings(jwks_url="http://auth:8001/.well-known/jwks.json"), internal, client, service="x")
    with pytest.raises(raised) as caught:
        await ask(TOKEN)
    assert type(caught.value) is raised


async def test_the_exchange_is_asked_beside_the_keys_with_an_internal_token_and_the_secret_only_in_the_body() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"access_token": "a", "expires_in": 300})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    internal = InternalSettings(secret="s" * 40)  # type: ignore[arg-type]
    ask = HttpExchange(TokenSettings(jwks_url="http://auth:8001/.well-known/jwks.json"), internal, client, service="x")
    assert await ask(TOKEN) == Exchanged("a", 300)
    (request,) = seen
    assert str(request.url) == "http://auth:8001/internal/v1/token-exchange"
    assert request.headers["authorization"].startswith("Internal ")
    assert TOKEN.encode() in request.content
