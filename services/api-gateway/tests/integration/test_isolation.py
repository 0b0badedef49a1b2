"""Tenant B over every public read with every id, key and cursor of tenant A: nothing, and the same as for no thing."""

from typing import Any

from gateway_client import Gateway

from api_gateway.inbound.forwarded_routes import FORWARDED
from common.ids import new_id, public_id
from common.testing.mirror import MirrorSeed


async def _seed(mirror: MirrorSeed) -> dict[str, str]:
    jira = await mirror.jira()
    await mirror.project(jira, "D", 1)
    await mirror.insert("users", connection_id=jira, account_id="u1", display_name="Somebody")
    issue = await mirror.issue(jira, "D-1", "Quarterly numbers", labels=["red"])
    for number in range(2, 5):
        await mirror.issue(jira, f"D-{number}")
    await mirror.comment(issue)
    await mirror.comment(issue)
    file = await mirror.attachment(issue)
    return {
        "connection": public_id("con", jira),
        "issue": public_id("iss", issue.issue_id),
        "attachment": public_id("att", file),
        "export": public_id("exp", new_id()),
    }


def _reads(gateway: Gateway, names: dict[str, str]) -> list[str]:
    """Every GET that the gateway answers itself, from its own description."""
    paths: dict[str, Any] = gateway.web.openapi()["paths"]
    own = [path for path in paths if path.startswith("/api/v1/") and "get" in paths[path]]
    return [path.removeprefix("/api/v1").format_map(_Names(names)) for path in own if not _is_forwarded(path)]


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return public_id(name[:3], new_id())


def _is_forwarded(path: str) -> bool:
    """Owners answer for themselves; an export of the audit log is lines, which its own tests read."""
    return path.endswith("/audit/export") or path in {route.path for route in FORWARDED if route.method == "GET"}


async def test_another_tenant_finds_nothing_on_any_read(
    gateway: Gateway, mirror: MirrorSeed, other_mirror: MirrorSeed
) -> None:
    names = await _seed(mirror)
    mine, stranger = gateway.as_tenant(mirror.tenant), gateway.as_tenant(other_mirror.tenant)
    reads = _reads(gateway, names)
    assert len(reads) >= 18
    nothing = {name: public_id(value[:3], new_id()) for name, value in names.items()}
    for path, empty in zip(reads, _reads(gateway, nothing), strict=True):
        seen = await stranger.get(path)
        assert seen.status_code == 404 or seen.json()["items"] == [], path
        unknown = (await stranger.get(empty)).json()
        assert {**seen.json(), "request_id": 0} == {**unknown, "request_id": 0}, path
        if "exports" not in path and "/attachments/" not in path:
            assert (await mine.get(path)).status_code == 200, path


async def test_keys_texts_filters_and_cursors_of_another_tenant_give_nothing(
    gateway: Gateway, mirror: MirrorSeed, other_mirror: MirrorSeed
) -> None:
    names = await _seed(mirror)
    mine, stranger = gateway.as_tenant(mirror.tenant), gateway.as_tenant(other_mirror.tenant)
    for params in ({"q": "quarterly"}, {"q": "D-1"}, {"project": "D"}, {"label": "red"}, {"count": "true"}):
        assert (await mine.get("/issues", **params)).json()["items"], params
        page = (await stranger.get("/issues", **params)).json()
        assert page["items"] == []
        assert page.get("count", {"value": 0})["value"] == 0
    assert (await stranger.get("/issues", connection=names["connection"])).json()["items"] == []
    assert (await stranger.get("/issues/D-1")).status_code == 404
    for path in ("/issues", "/issues/D-1/comments", f"/connections/{names['connection']}/projects"):
        cursor = (await mine.get(path, limit=1)).json()["next_cursor"]
        if cursor is None:
            continue
        answer = await stranger.get(path, limit=1, cursor=cursor)
        assert answer.status_code in (400, 404), path
        assert "items" not in answer.json()
