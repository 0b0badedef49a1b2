"""What owners see of a client's credentials: an access token that was verified here, and cookies only where auth is."""

import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from gateway_client import KEY, Gateway, StartGateway
from peer_server import Peer, running_peer

from common.ids import new_id, public_id
from common.testing.mirror import MirrorSeed
from common.web.api_tokens import ApiTokens, Exchanged, new_api_token
from common.web.credentials import csrf_claim

CSRF = "csrf-token-of-the-session"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with running_peer() as made:
        yield made


@pytest.fixture
async def passing(start_gateway: StartGateway, peer: Peer) -> Gateway:
    peers = {"auth_url": peer.url, "jira_sync_url": peer.url, "export_worker_url": peer.url}
    gateway: Gateway = await start_gateway(peers=peers)
    return gateway


def access_token(mirror: MirrorSeed, **more: Any) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {"iss": "jira-export", "aud": "jira-export", "jti": "j", "role": "member"}
    claims |= {"sub": public_id("usr", new_id()), "tenant": public_id("ten", mirror.tenant)}
    claims |= {"sid": public_id("ses", new_id()), "scopes": ["exports:create"], "iat": now, "exp": now + 300}
    return jwt.encode(claims | more, KEY, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "test"})


async def test_a_cookie_becomes_a_header_for_owners_and_stays_here(
    passing: Gateway, peer: Peer, mirror: MirrorSeed
) -> None:
    token = access_token(mirror, csrf=csrf_claim(CSRF))
    cookies = {"Cookie": f"__Host-je_access={token}; __Host-je_refresh=r; other=1"}
    refused = await passing.client.post("/api/v1/exports", json={}, headers=cookies)
    assert (refused.status_code, refused.json()["code"], peer.asked) == (403, "auth.csrf", [])
    answer = await passing.client.post("/api/v1/exports", json={}, headers={**cookies, "X-CSRF-Token": CSRF})
    assert answer.status_code == 200
    (asked,) = peer.asked
    assert asked["headers"]["authorization"] == f"Bearer {token}"
    assert not {"cookie", "x-csrf-token", "origin"} & asked["headers"].keys()


async def test_auth_is_given_our_cookies_and_may_set_some(passing: Gateway, peer: Peer) -> None:
    peer.cookies = ["__Host-je_access=a; Path=/; Secure; HttpOnly", "__Host-je_csrf=c; Path=/; Secure"]
    sent = {"Cookie": "other=1; __Host-je_refresh=r; __Host-je_csrf=c", "X-CSRF-Token": "c", "Origin": "https://a.b"}
    answer = await passing.client.post("/api/v1/auth/refresh", headers=sent)
    assert answer.headers.get_list("set-cookie") == peer.cookies
    (asked,) = peer.asked
    assert asked["headers"]["cookie"] == "__Host-je_refresh=r; __Host-je_csrf=c"
    assert (asked["headers"]["x-csrf-token"], asked["headers"]["origin"]) == ("c", "https://a.b")


async def test_an_owner_that_is_not_auth_sets_no_cookie(passing: Gateway, peer: Peer, mirror: MirrorSeed) -> None:
    peer.cookies = ["evil=1"]
    headers = {"Authorization": f"Bearer {access_token(mirror)}"}
    answer = await passing.client.post("/api/v1/exports", json={}, headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_owners_see_the_access_token_and_never_the_api_token(
    passing: Gateway, peer: Peer, mirror: MirrorSeed
) -> None:
    made = access_token(mirror)

    async def exchange(_text: str) -> Exchanged:
        return Exchanged(made, 300)

    passing.web.state.verifier._api_tokens = ApiTokens(exchange)
    text = new_api_token()
    answer = await passing.client.post("/api/v1/exports", json={}, headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 200
    assert peer.asked[0]["headers"]["authorization"] == f"Bearer {made}"
    assert text not in str(peer.asked)
