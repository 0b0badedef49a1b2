"""Documents under grants: nothing hidden is chosen, named or printed; a file goes with the access it was made by."""

import io

from pdfminer.high_level import extract_text

from common.issues.tables import project_keys


async def text_of(client, ref: str) -> str:
    answer = await client.call("GET", f"/issues/{ref}/pdf")
    assert answer.status_code == 200, answer.text
    return extract_text(io.BytesIO(answer.content))


async def see_only(tenant, *projects: int, role: str = "member") -> None:
    await tenant.withdraw(role)
    for project in projects:
        await tenant.grant("project", str(project), role)


async def test_a_hidden_project_is_neither_chosen_nor_told_apart_from_nothing(client, tenant):
    await tenant.issue("OPEN-1")
    await tenant.issue("HID-1", project_id=2)
    await see_only(tenant, 1)
    seen, unknown = [await client.call("GET", f"/issues/{key}/pdf") for key in ("HID-1", "HID-2")]
    assert seen.status_code == unknown.status_code == 404
    assert {**seen.json(), "request_id": 0} == {**unknown.json(), "request_id": 0}
    answer = await client.call("POST", "/exports", json={"source": {"issues": ["OPEN-1", "HID-1"]}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/source/issues/1")


async def test_a_document_names_only_what_may_be_seen(client, tenant):
    epic = '{"id":"customfield_1","name":"Epic Link","type":"any","value":"HID-1","display":"HID-1"}'
    await tenant.issue("HID-1", "Zanzibar plan", project_id=2)
    await tenant.issue("OPEN-1", detail=f'{{"custom_fields":[{epic}]}}', parent_jira_id=tenant.numbers["HID-1"])
    await tenant.link("OPEN-1", "HID-1")
    for key, project in (("OPEN", 1), ("HID", 2)):
        await tenant.insert(project_keys, {"connection_id": tenant.connection, "key": key, "project_id": project})
    for change in (
        {"field": "Link", "to": "HID-1", "to_text": "This issue blocks HID-1"},
        {"field": "Key", "from_text": "HID-9", "to_text": "OPEN-1"},
        {"field": "project", "from": "2", "from_text": "Quixotic", "to": "1", "to_text": "Open project"},
        {"field": "security", "to": "10001", "to_text": "Boardroom"},
        {"field": "status", "from_text": "Begun", "to_text": "Finished"},
    ):
        await tenant.change("OPEN-1", [change])
    secrets = ("HID-", "Zanzibar", "Quixotic", "Boardroom")
    whole = await text_of(client, "OPEN-1")
    assert [word for word in secrets if word not in whole] == ["Boardroom"]
    await see_only(tenant, 1)
    partly = await text_of(client, "OPEN-1")
    assert [word for word in secrets if word in partly] == []
    assert "Finished" in partly


async def test_a_file_is_gone_with_the_grant_and_back_with_it(client, tenant):
    await tenant.issue("OPEN-1")
    made = await client.call("POST", "/exports", json={"source": {"issues": ["OPEN-1"]}})
    export = made.json()["id"]
    await client.finished(export)
    doors = [
        ("GET", f"/exports/{export}/content"),
        ("GET", f"/exports/{export}/manifest"),
        ("POST", f"/exports/{export}/resume"),
        ("DELETE", f"/exports/{export}"),
    ]
    await tenant.withdraw("member")
    for method, path in doors:
        answer = await client.call(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "export.not_found"), path
    await tenant.grant("project", "1", "member")
    assert (await client.call(*doors[0])).status_code == 404
    await tenant.grant("project", "*", "member")
    assert (await client.call(*doors[0])).status_code == 307


async def test_another_connection_hides_no_older_file(client, tenant):
    await tenant.issue("OPEN-1")
    made = await client.call("POST", "/exports", json={"source": {"issues": ["OPEN-1"]}})
    await client.finished(made.json()["id"])
    other = type(tenant)(tenant.database, tenant.tenant, site="https://other.example.com")
    await other.start()
    assert (await client.call("GET", f"/exports/{made.json()['id']}/content")).status_code == 307
