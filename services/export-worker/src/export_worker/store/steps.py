"""Rows of exports.steps: taken under a fence, kept by a heartbeat, handed back, done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Uuid, bindparam, func, select

from common.db.database import Database
from common.db.reading import Reader, compile_read
from common.db.unit_of_work import Tx
from common.errors import AppError, ErrorKind
from common.ids import ExportId, TenantId
from common.issues.scope import of_tenant
from export_worker.store.tables import FINDER, jobs, steps

JOINING = 0


class LeaseLost(AppError):
    """Somebody else has this step now, or it is no longer wanted."""

    kind, code = ErrorKind.CONFLICT, "export.lease_lost"


_PARTS = compile_read(
    select(steps.c.object_key, steps.c.pages)
    .where(of_tenant(steps), steps.c.export_id == bindparam("export", type_=Uuid()), steps.c.number != JOINING)
    .order_by(steps.c.number)
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in somebody's hand; writes for it hold only while the fence is the newest."""

    tenant: TenantId
    export_id: ExportId
    number: int
    first: int
    last: int
    fence: int
    claims: int
    outages: int

    @property
    def is_joining(self) -> bool:
        return self.number == JOINING

    @property
    def object_key(self) -> str:
        """Of its own for each taking, so that a late writer overwrites nothing."""
        return f"{object_prefix(self.tenant, self.export_id)}{self.number}-{self.fence}.pdf"


def tenant_prefix(tenant: TenantId) -> str:
    """Every object of a tenant stands under it; nothing is stored anywhere else."""
    return f"exports/{tenant}/"


def object_prefix(tenant: TenantId, export: ExportId) -> str:
    return f"{tenant_prefix(tenant)}{export}/"


async def claim_step(db: Database, lease: timedelta) -> Step | None:
    """Takes the next step of any tenant: small exports first, then in order of age."""
    waiting = (
        select(steps.c.tenant_id, steps.c.export_id, steps.c.number)
        .where(steps.c.state == "open", steps.c.runnable_at <= func.now())
        .order_by(steps.c.weight, steps.c.export_id, steps.c.number)
        .limit(8)
    )
    async with db.uow_for_all_tenants("next step of an export", role=FINDER) as across:
        rows = (await across.execute(waiting)).mappings().all()
    for row in rows:
        async with db.uow(row["tenant_id"]) as tx:
            taken = await _take(tx, row["export_id"], row["number"], lease)
        if taken is not None:
            return taken
    return None


async def _take(tx: Tx, export: ExportId, number: int, lease: timedelta) -> Step | None:
    # Whoever changes job and steps locks the job first; the other way round two of them could wait for each other.
    await tx.execute(tx.select(jobs, jobs.c.export_id).where(jobs.c.export_id == export).with_for_update())
    result = await tx.execute(
        tx.update(steps)
        .where(steps.c.export_id == export, steps.c.number == number)
        .where(steps.c.state == "open", steps.c.runnable_at <= func.now())
        .values(runnable_at=func.now() + lease, fence=steps.c.fence + 1, claims=steps.c.claims + 1)
        .returning(steps.c.first, steps.c.last, steps.c.fence, steps.c.claims, steps.c.outages)
    )
    row = result.mappings().one_or_none()
    if row is None:
        return None
    await tx.execute(
        tx.update(jobs)
        .where(jobs.c.export_id == export, jobs.c.status == "queued")
        .values(status="running", started_at=func.coalesce(jobs.c.started_at, func.now()))
    )
    return Step(tenant=tx.tenant, export_id=export, number=number, **row)


def _mine(tx: Tx, step: Step) -> Any:
    return (
        tx.update(steps)
        .where(steps.c.export_id == step.export_id, steps.c.number == step.number)
        .where(steps.c.state == "open", steps.c.fence == step.fence)
    )


async def keep_step(tx: Tx, step: Step, lease: timedelta) -> None:
    """Moves the end of the lease; raises `LeaseLost` when it is nobody's business any more."""
    if not await tx.affected(_mine(tx, step).values(runnable_at=func.now() + lease)):
        raise LeaseLost


async def return_step(tx: Tx, step: Step, pause: timedelta, *, outage: bool = False) -> None:
    """Hands a step back in good order: it is not counted as one that killed its worker."""
    values: dict[str, Any] = {"runnable_at": func.now() + pause, "claims": steps.c.claims - 1}
    if outage:
        values["outages"] = steps.c.outages + 1
    if not await tx.affected(_mine(tx, step).values(**values)):
        raise LeaseLost


async def complete_step(tx: Tx, step: Step, *, object_key: str | None, pages: int) -> bool:
    """Ends a step; True when it was the last one that renders, so that the parts can be joined."""
    values = {"state": "done", "object_key": object_key, "pages": pages}
    if not await tx.affected(_mine(tx, step).values(**values)):
        raise LeaseLost
    open_ones = tx.select(steps, func.count()).where(
        steps.c.export_id == step.export_id, steps.c.state == "open", steps.c.number != JOINING
    )
    return bool((await tx.execute(open_ones)).scalar_one() == 0)


async def wake_joining(tx: Tx, export: ExportId) -> bool:
    """Lets the step that joins run; False when the export needs none."""
    return bool(
        await tx.affected(
            tx.update(steps)
            .where(steps.c.export_id == export, steps.c.number == JOINING, steps.c.state == "open")
            .values(runnable_at=func.now())
        )
    )


async def start_steps(tx: Tx, export: ExportId) -> int:
    """Makes the steps of a fresh export runnable now; says how many."""
    return await tx.affected(
        tx.update(steps)
        .where(steps.c.export_id == export, steps.c.state == "open", steps.c.claims == 0, steps.c.outages == 0)
        .where(steps.c.runnable_at > func.now())
        .values(runnable_at=func.now())
    )


async def reopen_steps(tx: Tx, export: ExportId) -> None:
    """What was dropped is open again; what is done stays done."""
    dropped = tx.update(steps).where(steps.c.export_id == export, steps.c.state == "dropped")
    renders = dropped.where(steps.c.number != JOINING)
    count = await tx.affected(renders.values(state="open", claims=0, outages=0, runnable_at=func.now()))
    joins = dropped.where(steps.c.number == JOINING)
    await tx.affected(joins.values(state="open", claims=0, outages=0, runnable_at=None if count else func.now()))


async def drop_steps(tx: Tx, export: ExportId) -> None:
    """All of them, also those that are done: when the export goes on, it begins anew."""
    await tx.execute(tx.update(steps).where(steps.c.export_id == export).values(state="dropped"))


async def list_parts(reader: Reader, tenant: TenantId, export: ExportId) -> list[tuple[str | None, int]]:
    """Object key and pages of each rendered part, in order."""
    return [(row["object_key"], row["pages"]) for row in await reader.fetch(_PARTS, tenant=tenant, export=export)]
