"""The pages that mails lead to come through the gateway with their own policy, and their forms go back through it."""

from collections.abc import AsyncIterator

import pytest
from gateway_client import Gateway, StartGateway
from peer_server import Peer, running_peer

POLICY = "default-src 'none'; style-src 'sha256-x'; form-action 'self'"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with running_peer() as made:
        made.body = b"<!doctype html><title>x</title>"
        made.headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
        }
        yield made


@pytest.fixture
async def passing(start_gateway: StartGateway, peer: Peer) -> Gateway:
    return await start_gateway(peers={"auth_url": peer.url})


@pytest.mark.parametrize("path", ["/invitation", "/reset", "/signed-in"])
async def test_a_page_comes_through_with_its_own_policy(passing: Gateway, peer: Peer, path: str) -> None:
    answer = await passing.client.get(f"{path}?token=jei_secret", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>x</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    (asked,) = peer.asked
    assert (asked["path"], asked["query"]) == (path, "token=jei_secret")
    assert asked["headers"]["accept-language"] == "ru"


@pytest.mark.parametrize("path", ["/invitation", "/reset"])
async def test_a_form_goes_back_as_it_came(passing: Gateway, peer: Peer, path: str) -> None:
    answer = await passing.client.post(path, data={"token": "jei_secret", "password": "four words of mine"})
    assert answer.status_code == 200
    (asked,) = peer.asked
    assert asked["body"] == b"token=jei_secret&password=four+words+of+mine"
    assert asked["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert (await passing.client.put(path)).status_code == 405


async def test_pages_are_no_part_of_the_documented_api(passing: Gateway) -> None:
    document = (await passing.client.get("/openapi.json")).json()
    assert not {"/invitation", "/reset", "/signed-in"} & set(document["paths"])
    assert {"/api/v1/invitations", "/api/v1/auth/password/forgot", "/api/v1/tenant"} <= set(document["paths"])
