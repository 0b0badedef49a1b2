"""Images from jira-sync: bounded, and never an error."""

import httpx
import pytest
from pydantic import SecretStr

from common.ids import TenantId, new_id, public_id
from common.settings import InternalSettings
from export_worker.outbound.attachments import HttpAttachments

INTERNAL = InternalSettings(secret=SecretStr("a-secret-of-at-least-32-characters!"))
ATTACHMENT = new_id()
CONNECTION = new_id()


async def fetched(answer, limit=100):
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        return await HttpAttachments(client, "http://sync.example.com/", INTERNAL).fetch(
            TenantId(new_id()), CONNECTION, ATTACHMENT, limit
        )


async def test_the_bytes_are_asked_for_as_a_service():
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, content=b"picture")

    assert await fetched(answer) == b"picture"
    assert asked[0].url.path == f"/internal/v1/attachments/{public_id('att', ATTACHMENT)}/content"
    assert asked[0].url.params["connection"] == public_id("con", CONNECTION)
    assert asked[0].headers["Authorization"].startswith("Internal ")


@pytest.mark.parametrize("status", [404, 401, 302, 500, 503])
async def test_any_other_answer_is_no_image(status):
    assert await fetched(lambda _: httpx.Response(status, content=b"x")) is None


async def test_an_image_above_the_limit_is_left_out():
    assert await fetched(lambda _: httpx.Response(200, content=b"x" * 101)) is None
    assert await fetched(lambda _: httpx.Response(200, content=b"x" * 100)) == b"x" * 100


async def test_a_peer_that_is_away_is_no_error():
    def refuse(_):
        raise httpx.ConnectError("away")

    assert await fetched(refuse) is None
