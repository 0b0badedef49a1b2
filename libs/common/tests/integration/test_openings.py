"""Looks across tenants leave a trace: counted each time, in the audit log once for a reason and hour."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from auth.store.tables import outbox
from common.ids import PLATFORM
from common.telemetry.metrics import ACROSS_TENANTS_OPENED
from common.testing.databases import TestDatabase

ROLE = "je_auth_finder"


async def entries(test_database: TestDatabase) -> list[Any]:
    admin = await test_database.admin()
    rows = await admin.fetch(
        "SELECT tenant_id, event_id, event FROM auth.outbox WHERE type LIKE '%audit%' ORDER BY seq"
    )
    await admin.close()
    return [(row["tenant_id"], row["event_id"], orjson.loads(row["event"])["data"]) for row in rows]


async def look(db: Any, reason: str) -> None:
    async with db.uow_for_all_tenants(reason, role=ROLE) as tx:
        await tx.execute(text("SELECT 1"))


async def test_each_look_is_counted_and_the_first_of_its_reason_audited(test_database: TestDatabase) -> None:
    counter = ACROSS_TENANTS_OPENED.labels("test auth", "a reason of this test")
    before = counter._value.get()
    async with test_database.open("auth", outbox) as db:
        for _ in range(3):
            await look(db, "a reason of this test")
        await look(db, "another reason")
    assert counter._value.get() == before + 3
    found = await entries(test_database)
    assert [tenant for tenant, _, _ in found] == [PLATFORM, PLATFORM]
    assert [data["details"]["reason"] for _, _, data in found] == ["a reason of this test", "another reason"]
    assert {data["action"] for _, _, data in found} == {"across_tenants.opened"}
    assert {data["actor_kind"] for _, _, data in found} == {"system"}


async def test_nodes_that_open_for_the_same_reason_make_the_same_entry(test_database: TestDatabase) -> None:
    for _ in range(2):
        async with test_database.open("auth", outbox) as db:
            await look(db, "two nodes")
    found = await entries(test_database)
    assert len(found) == 2
    assert len({event_id for _, event_id, _ in found}) == 1


async def test_without_its_entry_nobody_looks_and_the_next_one_tries_again(test_database: TestDatabase) -> None:
    admin = await test_database.admin()
    async with test_database.open("auth", outbox) as db:
        await admin.execute("REVOKE INSERT ON auth.outbox FROM je_auth")
        with pytest.raises(Exception, match="permission denied"):
            await look(db, "untold")
        await admin.execute("GRANT INSERT ON auth.outbox TO je_auth")
        assert await entries(test_database) == []
        await look(db, "untold")
    await admin.close()
    assert len(await entries(test_database)) == 1
