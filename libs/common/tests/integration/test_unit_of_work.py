"""Units of work and lean readers on a real Postgres: tenants stay apart, failures roll back, timeouts hold."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, func, select, text

from common.db.errors import DatabaseBusy
from common.db.reading import compile_read
from common.ids import TenantId, new_id

A, B = TenantId(new_id()), TenantId(new_id())


async def _names(probe: Any, tenant: TenantId) -> list[str]:
    async with probe.db.uow(tenant) as tx:
        return [row.name for row in await tx.execute(tx.select(probe.things).order_by(probe.things.c.thing_id))]


async def _add(probe: Any, tenant: TenantId, number: int, name: str) -> None:
    async with probe.db.uow(tenant) as tx:
        await tx.execute(tx.insert(probe.things).values(thing_id=number, name=name))


async def test_leaving_the_block_commits_and_an_exception_rolls_back(probe: Any) -> None:
    await _add(probe, A, 1, "kept")
    with pytest.raises(RuntimeError):
        async with probe.db.uow(A) as tx:
            await tx.execute(tx.insert(probe.things).values(thing_id=2, name="lost"))
            raise RuntimeError
    assert await _names(probe, A) == ["kept"]


async def test_a_tenant_sees_only_its_rows_also_without_a_condition(probe: Any) -> None:
    await _add(probe, A, 1, "of a")
    await _add(probe, B, 1, "of b")
    async with probe.db.uow(B) as tx:
        assert (await tx.execute(select(probe.things.c.name))).scalars().all() == ["of b"]
        assert await tx.affected(probe.things.update().values(name="changed")) == 1
    assert await _names(probe, A) == ["of a"]


async def test_a_row_for_another_tenant_is_refused(probe: Any) -> None:
    with pytest.raises(Exception, match="row-level security"):
        async with probe.db.uow(A) as tx:
            await tx.execute(probe.things.insert().values(tenant_id=B, thing_id=9, name="smuggled"))


async def test_without_a_tenant_nothing_is_readable(probe: Any) -> None:
    await _add(probe, A, 1, "of a")
    with pytest.raises(Exception, match=r"app\.tenant|uuid"):
        async with probe.db.connection() as connection:
            await connection.execute(select(probe.things))


async def test_upsert_inserts_updates_and_leaves_alone(probe: Any) -> None:
    async with probe.db.uow(A) as tx:
        await tx.upsert(
            probe.things, [{"thing_id": 1, "name": "one"}, {"thing_id": 2, "name": "two"}], key=("thing_id",)
        )
        await tx.upsert(probe.things, [{"thing_id": 1, "name": "uno"}], key=("thing_id",))
        await tx.upsert(probe.things, [{"thing_id": 2, "name": "due"}], key=("thing_id",), update=())
    assert await _names(probe, A) == ["uno", "two"]


async def test_the_lean_reader_reads_its_tenant_and_cannot_write(probe: Any) -> None:
    await _add(probe, A, 1, "of a")
    await _add(probe, B, 1, "of b")
    by_name = compile_read(select(probe.things.c.name).where(probe.things.c.name.startswith(bindparam("head"))))
    async with probe.db.read(A) as reader:
        assert [row["name"] for row in await reader.fetch(by_name, head="of")] == ["of a"]
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with probe.db.read(A) as reader:
            await reader.fetch(compile_read(probe.things.delete().returning(probe.things.c.name)))


async def test_a_reader_that_failed_leaves_a_clean_connection(probe: Any) -> None:
    await _add(probe, B, 1, "of b")
    broken = compile_read(select(text("1 / 0")))
    for _ in range(3):
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with probe.db.read(A) as reader:
                await reader.fetch(broken)
    async with probe.db.read(B) as reader:
        assert await reader.fetchval(compile_read(select(func.count()).select_from(probe.things))) == 1


async def test_many_readers_of_two_tenants_at_once_never_mix(probe: Any) -> None:
    await _add(probe, A, 1, "of a")
    await _add(probe, B, 1, "of b")
    names = compile_read(select(probe.things.c.name))

    async def look(tenant: TenantId, expected: str) -> None:
        async with probe.db.read(tenant) as reader:
            assert [row["name"] for row in await reader.fetch(names)] == [expected]

    await asyncio.gather(*(look(*pair) for pair in [(A, "of a"), (B, "of b")] * 100))


async def test_a_lock_that_is_held_too_long_is_a_busy_error(probe: Any) -> None:
    await _add(probe, A, 1, "contended")
    async with probe.db.uow(A) as tx:
        await tx.execute(tx.update(probe.things).values(name="held"))
        with pytest.raises(DatabaseBusy):
            async with probe.db.uow(A) as other:
                await other.execute(text("SET LOCAL lock_timeout = '50ms'"))
                await other.execute(other.update(probe.things).values(name="waits"))


async def test_a_second_delivery_is_known_by_its_inbox_row(probe: Any) -> None:
    event = new_id()
    async with probe.db.uow(A) as tx:
        assert await tx.first_time(probe.inbox, event, "worker")
        assert not await tx.first_time(probe.inbox, event, "worker")
        assert await tx.first_time(probe.inbox, event, "another consumer")


async def test_readers_and_writers_go_on_after_the_server_ended_their_connections(probe: Any) -> None:
    await _add(probe, A, 1, "of a")
    names = compile_read(select(probe.things.c.name))

    async def look() -> None:
        async with probe.db.read(A) as reader:
            assert [row["name"] for row in await reader.fetch(names)] == ["of a"]

    for _ in range(5):
        await asyncio.gather(*(look() for _ in range(10)), _names(probe, A))
        admin = await probe.database.admin()
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await asyncio.gather(*(look() for _ in range(10)), _names(probe, A))
        await admin.close()
