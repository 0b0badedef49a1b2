"""Steps on real Postgres and S3: taken once, kept under a fence, handed back, counted right."""

import asyncio
import io
from dataclasses import replace
from datetime import timedelta

import orjson
import pikepdf
import pytest

from common.contracts.http.exports import ExportOptions
from common.ids import ExportId, TenantId, UserId, new_id, parse_id
from common.issues.access import Viewer
from export_worker.domain.errors import CannotCancel, ExportNotFound
from export_worker.domain.job import Status
from export_worker.outbound.object_storage import S3Storage, StorageAway
from export_worker.outbound.pdf import RenderCrashed, RenderTimeout
from export_worker.store.steps import LeaseLost, claim_step, keep_step, object_prefix, return_step
from export_worker.usecases.change_export import cancel_export, resume_export
from export_worker.usecases.create_export import order_export
from export_worker.usecases.find_export import get_export, get_manifest
from export_worker.usecases.place_job import Order
from export_worker.usecases.render_chunk import render_chunk
from export_worker.usecases.start_export import start_export
from export_worker.usecases.sweep_files import sweep_files
from export_worker.usecases.work_step import work_step

LEASE = timedelta(seconds=15)


@pytest.fixture
def viewer(mirror):
    return Viewer(mirror.tenant, UserId(new_id()), "member")


async def ordered(app, mirror, viewer, count, kind="set"):
    """An export of `count` issues; its id."""
    keys = [f"ABC-{number}" for number in range(1, count + 1)]
    for key in keys:
        if key not in mirror.numbers:
            await mirror.issue(key)
    order = Order(kind, viewer, {"issues": keys}, ExportOptions())
    answer = await order_export(order, keys, None, None, app)
    return ExportId(parse_id("exp", orjson.loads(answer.body)["id"]))


async def work_until_idle(app):
    while await work_step(app):
        pass


async def sql(mirror, statement):
    admin = await mirror.database.admin()
    try:
        return await admin.fetch(statement)
    finally:
        await admin.close()


async def test_parts_are_joined_in_order_and_checked(app, mirror, viewer, renderer):
    export = await ordered(app, mirror, viewer, 5)
    await work_until_idle(app)
    job = await get_export(export, viewer, app)
    assert (job["status"], job["done"], job["pages"]) == ("finished", 5, 10)
    stored = await app.storage.get(job["content_key"])
    pdf = pikepdf.open(io.BytesIO(b"".join([piece async for piece in stored.body])))
    with pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [f"ABC-{number}" for number in range(1, 6)]
    assert renderer.keys == [f"ABC-{number}" for number in range(1, 6)]
    assert [entry.page for entry in (await get_manifest(export, viewer, app)).items] == [1, 3, 5, 7, 9]


async def test_many_workers_render_each_issue_once_and_finish_once(app, mirror, viewer, renderer):
    export = await ordered(app, mirror, viewer, 12)
    while (await get_export(export, viewer, app))["status"] in ("queued", "running"):
        await asyncio.gather(*(work_step(app) for _ in range(6)))
    assert sorted(renderer.keys) == sorted(f"ABC-{number}" for number in range(1, 13))
    finished = await sql(mirror, "SELECT 1 FROM exports.outbox WHERE type = 'export.finished.v1'")
    progressed = await sql(mirror, "SELECT 1 FROM exports.outbox WHERE type = 'export.progressed.v1'")
    assert (len(finished), len(progressed)) == (1, 6)


async def test_a_step_is_free_again_when_its_worker_falls_silent(app, mirror, viewer):
    await ordered(app, mirror, viewer, 1)
    first = await claim_step(app.db, timedelta(milliseconds=50))
    second = None
    async with asyncio.timeout(10):
        while second is None:
            second = await claim_step(app.db, LEASE)
    assert (second.number, second.fence) == (first.number, first.fence + 1)
    assert await claim_step(app.db, LEASE) is None


async def test_a_late_writer_changes_nothing(app, mirror, viewer, renderer):
    export = await ordered(app, mirror, viewer, 1)
    late = await claim_step(app.db, timedelta(0))
    await work_until_idle(app)
    before = await get_export(export, viewer, app)
    with pytest.raises(LeaseLost):
        await render_chunk(late, app)
    assert before["status"] == "finished"
    assert await get_export(export, viewer, app) == before
    stored = await app.storage.get(before["content_key"])
    assert stored.size == before["content_size"]


async def test_a_heartbeat_after_a_takeover_is_refused(app, mirror, viewer):
    await ordered(app, mirror, viewer, 1)
    late = await claim_step(app.db, timedelta(0))
    await claim_step(app.db, LEASE)
    for use in (lambda tx: keep_step(tx, late, LEASE), lambda tx: return_step(tx, late, timedelta(0))):
        with pytest.raises(LeaseLost):
            async with app.db.uow(mirror.tenant) as tx:
                await use(tx)


async def test_second_delivery_changes_nothing(app, mirror, viewer):
    patient = replace(app, settings=app.settings.model_copy(update={"kafka_grace": timedelta(hours=1)}))
    export = await ordered(patient, mirror, viewer, 1)
    assert await claim_step(app.db, LEASE) is None
    event = new_id()
    await start_export(export, event, mirror.tenant, app)
    assert app.work.is_set()
    step = await claim_step(app.db, LEASE)
    async with app.db.uow(mirror.tenant) as tx:
        await return_step(tx, step, timedelta(hours=1))
    await start_export(export, event, mirror.tenant, app)
    assert await claim_step(app.db, LEASE) is None


async def test_the_timer_finds_an_export_whose_message_never_came(app, mirror, viewer):
    export = await ordered(app, mirror, viewer, 1)
    await work_until_idle(app)
    assert (await get_export(export, viewer, app))["status"] == "finished"


async def test_cancelling_ends_the_work_in_hand_within_two_seconds(app, mirror, viewer, renderer):
    export = await ordered(app, mirror, viewer, 4)
    started = asyncio.Event()

    async def hang(_job):
        started.set()
        await asyncio.sleep(60)

    renderer.before = hang
    work = asyncio.create_task(work_step(app))
    await started.wait()
    await cancel_export(export, viewer, app)
    async with asyncio.timeout(4):
        assert await work is True
    assert (await get_export(export, viewer, app))["status"] == "cancelled"
    assert await claim_step(app.db, LEASE) is None
    kept = await sql(mirror, "SELECT count(content) AS n FROM exports.items")
    assert kept[0]["n"] == 0


async def test_a_graceful_stop_hands_the_step_back(app, mirror, viewer, renderer):
    await ordered(app, mirror, viewer, 1)
    started = asyncio.Event()

    async def hang(_job):
        started.set()
        await asyncio.sleep(60)

    renderer.before = hang
    work = asyncio.create_task(work_step(app))
    await started.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    step = await claim_step(app.db, LEASE)
    assert (step.fence, step.claims) == (2, 1)


@pytest.mark.parametrize("failure", [RenderTimeout, RenderCrashed])
async def test_an_issue_that_cannot_be_rendered_is_named_and_the_rest_goes_on(app, mirror, viewer, renderer, failure):
    export = await ordered(app, mirror, viewer, 3)

    async def refuse(job):
        issue = job.issues[0][0]
        if issue.key == "ABC-2" and issue.labels:  # the placeholder has none
            raise failure

    renderer.before = refuse
    await work_until_idle(app)
    job = await get_export(export, viewer, app)
    manifest = await get_manifest(export, viewer, app)
    assert job["status"] == "finished_with_gaps"
    assert [entry.left_out and entry.left_out.code for entry in manifest.items] == [None, failure.code, None]
    assert manifest.items[1].page == 3


async def test_nothing_exported_is_a_failure_that_can_be_resumed(app, mirror, viewer, renderer):
    export = await ordered(app, mirror, viewer, 1)

    async def refuse(_job):
        raise RenderTimeout

    renderer.before = refuse
    await work_until_idle(app)
    failed = await get_export(export, viewer, app)
    assert (failed["status"], failed["error_code"]) == ("failed", "export.render_timeout")
    renderer.before = None
    assert (await resume_export(export, viewer, app))["status"] == "queued"
    await work_until_idle(app)
    assert (await get_export(export, viewer, app))["status"] == "finished"
    with pytest.raises(CannotCancel):
        await cancel_export(export, viewer, app)


async def test_a_step_that_kills_its_workers_is_given_up(app, mirror, viewer):
    export = await ordered(app, mirror, viewer, 1)
    for _ in range(5):
        assert await claim_step(app.db, timedelta(0)) is not None
    await work_until_idle(app)
    job = await get_export(export, viewer, app)
    assert (job["status"], job["error_code"]) == ("failed", "export.worker_died")


async def test_small_exports_overtake_large_ones(app, mirror, viewer):
    await ordered(app, mirror, viewer, 4)
    small = await ordered(app, mirror, viewer, 1)
    step = await claim_step(app.db, LEASE)
    assert step.export_id == small


async def test_the_set_is_frozen_when_it_is_asked_for(app, mirror, viewer, renderer):
    await mirror.issue("ABC-1", "As it was")
    export = await ordered(app, mirror, viewer, 1)
    await mirror.edit("ABC-1", "As it became")
    await work_until_idle(app)
    assert [issue.summary for job in renderer.jobs for issue, _ in job.issues] == ["As it was"]
    assert (await get_manifest(export, viewer, app)).items[0].revision == 1


async def test_a_missing_image_is_a_note_and_one_that_is_there_reaches_the_renderer(app, mirror, viewer, renderer):
    await mirror.issue("ABC-1", description="!there.png! and !gone.png!")
    there = await mirror.attachment("ABC-1", "there.png")
    await mirror.attachment("ABC-1", "gone.png")
    app.attachments.there[there] = b"png"
    export = await ordered(app, mirror, viewer, 1)
    await work_until_idle(app)
    assert renderer.jobs[0].issues[0][1] == {"there.png": b"png"}
    assert (await get_export(export, viewer, app))["status"] == "finished_with_gaps"
    notes = (await get_manifest(export, viewer, app)).items[0].notes
    assert [note.code for note in notes] == ["image.unavailable"]
    assert "gone.png" in notes[0].detail


async def test_expired_files_go_and_say_so(app, mirror, viewer):
    short = replace(app, settings=app.settings.model_copy(update={"retention": timedelta(0)}))
    export = await ordered(short, mirror, viewer, 3)
    await work_until_idle(short)
    assert (await get_export(export, viewer, app))["status"] == "finished"
    key = (await get_export(export, viewer, app))["content_key"]
    await sweep_files(app)
    job = await get_export(export, viewer, app)
    assert (job["status"], job["content_key"], job["purged_at"] is not None) == ("expired", None, True)
    with pytest.raises(Exception, match="no longer there"):
        await app.storage.get(key)
    assert await app.storage.delete_prefix(object_prefix(mirror.tenant, export)) == 0
    assert await sweep_files(app) == 0


async def test_storage_that_is_away_lets_the_export_wait_and_then_fail(app, mirror, viewer, bucket):
    dead = replace(app, storage=S3Storage(bucket.model_copy(update={"endpoint": "http://127.0.0.1:9"})))
    export = await ordered(dead, mirror, viewer, 1)
    assert await work_step(dead)
    waiting = await get_export(export, viewer, app)
    assert (waiting["status"], waiting["error_code"]) == ("running", StorageAway.code)
    impatient = replace(dead, settings=dead.settings.model_copy(update={"patience": timedelta(0)}))
    async with asyncio.timeout(30):
        while not await work_step(impatient):
            await asyncio.sleep(0.1)
    failed = await get_export(export, viewer, app)
    assert (failed["status"], failed["error_code"]) == ("failed", StorageAway.code)
    await resume_export(export, viewer, app)
    await work_until_idle(app)
    assert (await get_export(export, viewer, app))["status"] == "finished"


async def test_every_use_case_is_blind_to_another_tenant(app, mirror, viewer):
    export = await ordered(app, mirror, viewer, 1)
    stranger = Viewer(TenantId(new_id()), viewer.user, viewer.role)
    for use in (get_export, get_manifest, cancel_export, resume_export):
        with pytest.raises(ExportNotFound):
            await use(export, stranger, app)
    assert (await get_export(export, viewer, app))["status"] == Status.QUEUED
