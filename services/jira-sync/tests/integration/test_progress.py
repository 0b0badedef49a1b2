"""Progress is a sum over projects that are read side by side: none of them may leave another out."""

import asyncio

from common.clock import utc_now
from common.ids import ConnectionId, TenantId, new_id
from common.issues.tables import connections
from common.testing.databases import TestDatabase
from jira_sync.store.connections import add_connection
from jira_sync.store.progress import add_streams, count_stored, show_progress
from jira_sync.store.tables import changes


async def test_two_projects_that_finish_at_once_are_both_counted(test_database: TestDatabase, tenant: TenantId) -> None:
    connection, now = ConnectionId(new_id()), utc_now()
    async with test_database.open("jira-sync", changes) as db:
        async with db.uow(tenant) as tx:
            texts = {"name": "x", "base_url": "http://x", "deployment": "cloud", "site": "x", "account": "x"}
            times = {"created_at": now, "updated_at": now}
            row = {"connection_id": connection, "auth_method": "basic", "phase": "backfilling", **texts, **times}
            await add_connection(tx, row)
            await add_streams(tx, connection, [(1, "A"), (2, "B")], at=now)

        async with db.uow(tenant) as first:
            await count_stored(first, connection, 1, 10, at=now)
            await show_progress(first, connection)
            second_is_open = asyncio.Event()

            async def second() -> None:
                async with db.uow(tenant) as tx:
                    await count_stored(tx, connection, 2, 5, at=now)
                    second_is_open.set()
                    await show_progress(tx, connection)

            running = asyncio.create_task(second())
            await second_is_open.wait()
            await asyncio.sleep(0.2)  # the second one asks for its sum now, or waits for the first
        await running
        async with db.uow(tenant) as tx:
            mine = connections.c.connection_id == connection
            done = (await tx.execute(tx.select(connections, connections.c.progress_done).where(mine))).scalar_one()
    assert done == 15
