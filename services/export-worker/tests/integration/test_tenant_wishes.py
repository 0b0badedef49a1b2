"""What a tenant's settings say holds for its exports: how long files are kept, and what documents carry."""

import io
import json
from datetime import timedelta

from pdfminer.high_level import extract_text


async def set_settings(tenant, **settings: object):
    admin = await tenant.database.admin()
    await admin.execute(
        "INSERT INTO auth.tenant_settings (tenant_id, version, settings, updated_at) VALUES ($1, 2, $2, now())"
        " ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings",
        tenant.tenant,
        json.dumps(settings),
    )
    await admin.close()


async def kept_for(tenant):
    admin = await tenant.database.admin()
    rows = await admin.fetch(
        "SELECT expires_at - finished_at AS kept FROM exports.jobs WHERE tenant_id = $1 ORDER BY created_at",
        tenant.tenant,
    )
    await admin.close()
    return [round(row["kept"] / timedelta(days=1)) for row in rows]


async def test_files_are_kept_as_long_as_the_tenant_says_and_else_as_the_operator_does(client, tenant):
    await tenant.issue("ABC-1", "One")
    assert (await client.call("GET", "/issues/ABC-1/pdf")).status_code == 200
    await set_settings(tenant, retention={"exports_days": 3})
    await tenant.edit("ABC-1", "Two")
    assert (await client.call("GET", "/issues/ABC-1/pdf")).status_code == 200
    assert await kept_for(tenant) == [7, 3]


async def test_a_document_carries_the_tenants_name_and_footer_and_is_made_anew_when_they_change(client, tenant):
    await tenant.issue("ABC-1", "One")
    plain = await client.call("GET", "/issues/ABC-1/pdf")
    branding = {"display_name": "Acme <b>Ltd</b>", "footer": "Internal & secret", "colour": "#aa3300"}
    await set_settings(tenant, branding=branding)
    branded = await client.call("GET", "/issues/ABC-1/pdf")
    text = extract_text(io.BytesIO(branded.content)).replace("\n", " ")
    assert "Acme <b>Ltd</b>" in text
    assert "Internal & secret" in text
    assert "Acme" not in extract_text(io.BytesIO(plain.content))
    again = await client.call("GET", "/issues/ABC-1/pdf")
    assert again.content == branded.content
