"""Exports through the doors of the running service: real Postgres, Kafka, S3 and renderer."""

import io
from dataclasses import replace

import httpx
import pikepdf
import pytest
from pdfminer.high_level import extract_text

from common.ids import TenantId, new_id, public_id


def stranger(client):
    return replace(client, tenant=TenantId(new_id()))


async def export_of(client, *refs: str, locale="en"):
    answer = await client.call("POST", "/exports", json={"source": {"issues": refs}, "options": {"locale": locale}})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def test_a_set_becomes_one_document_with_a_bookmark_per_issue(client, tenant):
    first = await tenant.issue("ABC-1", "Первая задача")
    await tenant.issue("ABC-2", "Second", description="h1. Heading\n|| a || b ||\n| 1 | 2 |")
    await tenant.issue("ABC-3", "第三", description="日本語のテキスト")
    export = await export_of(client, "ABC-2", public_id("iss", first), "abc-3", "ABC-2", locale="ru")
    manifest = (await client.finished(export)).json()
    assert manifest["status"] == "finished"
    assert [item["key"] for item in manifest["items"]] == ["ABC-2", "ABC-1", "ABC-3"]
    moved = await client.call("GET", f"/exports/{export}/content")
    assert moved.status_code == 307
    async with httpx.AsyncClient() as outside:
        fetched = await outside.get(moved.headers["Location"])
    streamed = await client.call("GET", f"/exports/{export}/content?redirect=false")
    assert fetched.content == streamed.content
    assert "attachment" in streamed.headers["Content-Disposition"]
    pdf = pikepdf.open(io.BytesIO(fetched.content))
    pages = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
    with pdf.open_outline() as outline:
        starts = {item.title.split(" ")[0].rstrip(":"): pages[_target(pdf, item)] for item in outline.root}
    assert starts == {item["key"]: item["page"] for item in manifest["items"]}
    assert "Первая задача" in extract_text(io.BytesIO(fetched.content)).replace("\n", " ")


def _target(pdf, item):
    target = item.destination if item.destination is not None else item.action.D
    if isinstance(target, pikepdf.String):
        target = pikepdf.NameTree(pdf.Root.Names.Dests)[str(target)]
    target = target.D if isinstance(target, pikepdf.Dictionary) else target
    return target[0].objgen


async def test_what_is_restricted_is_not_printed(client, tenant):
    await tenant.issue("ABC-1", "Open one", description="See the rest.")
    await tenant.issue("SEC-1", "Hidden summary", security_level_id="10", security_level_name="Secret")
    await tenant.comment("ABC-1", "for everybody")
    await tenant.comment("ABC-1", "only for admins", visibility="role:Administrators")
    await tenant.link("ABC-1", "SEC-1")
    answer = await client.call("GET", "/issues/ABC-1/pdf")
    text = extract_text(io.BytesIO(answer.content))
    assert "for everybody" in text
    assert "only for admins" not in text
    assert "Hidden summary" not in text
    assert "SEC-1" not in text


@pytest.mark.parametrize("ref", ["SEC-1", "NOPE-1", "iss_00000000000000000000000000"])
async def test_an_issue_that_may_not_be_seen_is_like_none(client, tenant, ref):
    await tenant.issue("SEC-1", security_level_id="10")
    answer = await client.call("GET", f"/issues/{ref}/pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "issue.not_found")


async def test_a_set_with_a_hidden_issue_names_its_place(client, tenant):
    await tenant.issue("ABC-1")
    await tenant.issue("SEC-1", security_level_id="10")
    answer = await client.call("POST", "/exports", json={"source": {"issues": ["ABC-1", "SEC-1", "NO-1"]}})
    assert answer.status_code == 404
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/source/issues/1", "/source/issues/2"]


async def test_another_tenant_finds_nothing(client, tenant):
    issue = public_id("iss", await tenant.issue("ABC-1"))
    export = await export_of(client, issue)
    await client.finished(export)
    other = stranger(client)
    for method, path in [
        ("GET", f"/exports/{export}/content"),
        ("GET", f"/exports/{export}/manifest"),
        ("DELETE", f"/exports/{export}"),
        ("POST", f"/exports/{export}/resume"),
        ("GET", f"/issues/{issue}/pdf"),
        ("GET", "/issues/ABC-1/pdf"),
    ]:
        theirs = await other.call(method, path)
        never = await other.call(method, path.replace(export, public_id("exp", new_id())).replace("ABC-1", "XYZ-1"))
        assert theirs.status_code == 404, path
        assert {**theirs.json(), "request_id": 0} == {**never.json(), "request_id": 0}
    assert (await other.call("POST", "/exports", json={"source": {"issues": [issue]}})).status_code == 404


async def test_one_revision_is_rendered_once(client, tenant):
    await tenant.issue("ABC-1", "Before")
    first = await client.call("GET", "/issues/ABC-1/pdf")
    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/pdf")
    assert 'filename="ABC-1.pdf"' in first.headers["Content-Disposition"]
    again = await client.call("GET", "/issues/abc-1/pdf")
    assert again.content == first.content
    unchanged = await client.call("GET", "/issues/ABC-1/pdf", headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    assert await jobs_of(tenant) == 1
    await tenant.edit("ABC-1", "After")
    changed = await client.call("GET", "/issues/ABC-1/pdf", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "After" in extract_text(io.BytesIO(changed.content))
    await client.call("GET", "/issues/ABC-1/pdf?locale=ru&paper=letter")
    assert await jobs_of(tenant) == 3


async def jobs_of(tenant):
    admin = await tenant.database.admin()
    count = await admin.fetchval("SELECT count(*) FROM exports.jobs WHERE tenant_id = $1", tenant.tenant)
    await admin.close()
    return count


async def test_respond_async_is_answered_at_once(client, tenant):
    await tenant.issue("ABC-1")
    answer = await client.call("GET", "/issues/ABC-1/pdf", headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.headers["Location"] == answer.json()["links"]["self"]
    assert (await client.finished(answer.json()["id"])).json()["status"] == "finished"


async def test_a_key_of_two_connections_is_ambiguous_until_one_is_named(client, tenant):
    await tenant.issue("ABC-1")
    second = replace(tenant, connection=new_id(), site="https://other.example.com", numbers={})
    await (await second.start()).issue("ABC-1", "The other")
    answer = await client.call("GET", "/issues/ABC-1/pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "issue.ambiguous_key")
    assert len(answer.json()["candidates"]) == 2
    chosen = await client.call("GET", f"/issues/ABC-1/pdf?connection={public_id('con', second.connection)}")
    assert "The other" in extract_text(io.BytesIO(chosen.content))


async def test_an_old_key_leads_to_the_moved_issue(client, tenant):
    await tenant.issue("NEW-5", "Moved")
    await tenant.old_key("NEW-5", "OLD-1")
    answer = await client.call("GET", "/issues/OLD-1/pdf")
    assert 'filename="NEW-5.pdf"' in answer.headers["Content-Disposition"]


async def test_the_same_idempotency_key_gives_the_same_export(client, tenant):
    await tenant.issue("ABC-1")
    await tenant.issue("ABC-2")
    body, key = {"source": {"issues": ["ABC-1"]}}, {"Idempotency-Key": "k-1"}
    first = await client.call("POST", "/exports", json=body, headers=key)
    again = await client.call("POST", "/exports", json=body, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.headers["Location"] == first.headers["Location"]
    other = await client.call("POST", "/exports", json={"source": {"issues": ["ABC-2"]}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "request.idempotency_conflict")
    assert await jobs_of(tenant) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"source": {"jql": "project = ABC"}}, 422, "export.source_not_supported"),
        ({"source": {"filter": "flt_1"}}, 422, "export.source_not_supported"),
        ({"source": {}}, 422, "export.source_not_supported"),
        ({"source": {"issues": ["ABC-1"]}, "template": "tpl_1"}, 422, "export.template_not_supported"),
        ({"source": {"issues": []}}, 422, "request.validation"),
        ({"source": {"issues": ["A\x00B"]}}, 422, "request.validation"),
        ({"source": {"issues": ["ABC-1"]}, "format": "exe"}, 422, "request.validation"),
        ({"source": {"issues": ["ABC-1"]}, "surprise": 1}, 422, "request.validation"),
        ({"source": {"issues": ["ABC-1"], "connection": "con_x"}}, 400, "request.invalid_id"),
        ({"source": {"issues": ["iss_short"]}}, 404, "issue.not_found"),
    ],
)
async def test_a_request_that_cannot_be_used_says_why(client, body, status, code):
    answer = await client.call("POST", "/exports", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_each_door_needs_its_scope(client, tenant):
    await tenant.issue("ABC-1")
    reader = client.limited_to("exports:read")
    assert (await reader.call("POST", "/exports", json={"source": {"issues": ["ABC-1"]}})).status_code == 403
    assert (await reader.call("GET", "/issues/ABC-1/pdf")).status_code == 403
    assert (await client.limited_to("exports:create").call("GET", "/exports/exp_x/content")).status_code == 403
