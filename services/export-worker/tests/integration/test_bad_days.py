"""Days on which a part or the worker itself dies in the middle: really killed, and the export still comes out whole."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from orjson import loads

from common.contracts.http.exports import ExportOptions
from common.ids import ExportId, UserId, new_id, parse_id
from common.issues.access import Viewer
from export_worker.inbound.workers import run_workers
from export_worker.outbound.bucket import ensure_bucket
from export_worker.outbound.object_storage import S3Storage
from export_worker.usecases.create_export import order_export
from export_worker.usecases.find_export import get_export
from export_worker.usecases.place_job import Order
from stack.layout import RunDir
from stack.part.object_storage import ObjectStorage

PORT = 18_400
ENDED = ("finished", "finished_with_gaps", "failed", "cancelled")


@pytest.fixture
def viewer(mirror):
    return Viewer(mirror.tenant, UserId(new_id()), "member")


async def ordered(app, mirror, viewer, count):
    keys = [f"ABC-{number}" for number in range(1, count + 1)]
    for key in keys:
        await mirror.issue(key, f"Summary of {key}")
    order = Order("set", viewer, {"issues": keys}, ExportOptions())
    answer = await order_export(order, keys, None, None, app)
    return ExportId(parse_id("exp", loads(answer.body)["id"]))


async def until(app, viewer, export, condition, seconds=90):
    """The job as soon as the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition(job := await get_export(export, viewer, app)):
            await asyncio.sleep(0.05)
    return job


async def steps_of(mirror, export):
    admin = await mirror.database.admin()
    rows = await admin.fetch("SELECT * FROM exports.steps WHERE export_id = $1 ORDER BY number", export)
    await admin.close()
    return {row["number"]: row for row in rows}


async def keys_in(app, job):
    stored = await app.storage.get(job["content_key"])
    pdf = pikepdf.open(io.BytesIO(b"".join([piece async for piece in stored.body])))
    with pdf.open_outline() as outline:
        return [item.title.split(" ")[0].rstrip(":") for item in outline.root]


def start_worker(database, kafka, s3, log):
    secret = s3.secret_key.get_secret_value()
    given = {
        "HTTP__PORT": str(PORT + 1),
        "HTTP__INTERNAL_PORT": str(PORT + 2),
        "POSTGRES__DSN": database.dsn("export-worker"),
        "KAFKA__BOOTSTRAP": kafka.bootstrap,
        "KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
        "TOKENS__JWKS_URL": "http://127.0.0.1:9/jwks.json",
        "INTERNAL__SECRET": "internal-secret-of-the-tests-0123456789",
        "S3__ENDPOINT": s3.endpoint,
        "S3__BUCKET": s3.bucket,
        "S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "S3__SECRET_KEY": secret,
        "PEERS__JIRA_SYNC_URL": "http://127.0.0.1:9",
        "EXPORTS__CHUNK_ISSUES": "1",
        "EXPORTS__WORKERS": "1",
        "EXPORTS__LEASE": "PT4S",
        "EXPORTS__HEARTBEAT": "PT1S",
    }
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **given}
    return subprocess.Popen([sys.executable, "-m", "export_worker"], env=environment, stdout=log, stderr=log)


async def test_an_export_goes_on_after_kill_9_without_rendering_anything_twice(
    app, mirror, viewer, kafka_settings, bucket, tmp_path
):
    one_by_one = replace(app, settings=app.settings.model_copy(update={"chunk_issues": 1}))
    export = await ordered(one_by_one, mirror, viewer, 6)
    with (tmp_path / "worker.log").open("wb") as log:
        worker = start_worker(mirror.database, kafka_settings, bucket, log)
        try:
            await until(app, viewer, export, lambda job: job["done"] >= 2)
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
            before = await steps_of(mirror, export)
            assert (await get_export(export, viewer, app))["status"] == "running"
            worker = start_worker(mirror.database, kafka_settings, bucket, log)
            job = await until(app, viewer, export, lambda job: job["status"] in ENDED)
        finally:
            worker.terminate()
            worker.wait(30)
    after = await steps_of(mirror, export)
    done = [number for number, step in before.items() if step["state"] == "done"]
    assert len(done) >= 2
    assert job["status"] == "finished", (tmp_path / "worker.log").read_text()[-2000:]
    assert all(after[number]["object_key"] == before[number]["object_key"] for number in done)
    assert max(step["fence"] for step in after.values()) <= 2
    assert await keys_in(app, job) == [f"ABC-{number}" for number in range(1, 7)]


class OwnStorage:
    """A SeaweedFS of this test's own, so that it can be killed without hurting anybody."""

    def __init__(self, folder, settings) -> None:
        ports = {name: PORT + 20 + place for place, name in enumerate(("s3", "master", "volume", "filer", "admin"))}
        ports |= {f"{name}.grpc": port + 10 for name, port in ports.items()}
        run = RunDir(folder)
        run.make_folders()
        access, secret = settings.access_key.get_secret_value(), settings.secret_key.get_secret_value()
        self.part = ObjectStorage(run, ports, access, secret)
        self.settings = settings.model_copy(update={"endpoint": self.part.endpoint, "bucket": "own"})
        self.folder = folder
        self.process = None

    async def start(self):
        with (self.folder / "weed.log").open("ab") as log:
            program = self.part.prepare()
            self.process = await asyncio.create_subprocess_exec(*program.command, stdout=log, stderr=log)
        async with asyncio.timeout(60):
            while await self.part.ask() is not None:
                await asyncio.sleep(0.1)
        await ensure_bucket(self.settings)

    async def kill(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture
async def own_storage(tmp_path, s3_settings):
    storage = OwnStorage(tmp_path, s3_settings)
    await storage.start()
    yield storage
    await storage.kill()


async def test_an_export_waits_while_the_storage_is_dead_and_ends_when_it_is_back(app, mirror, viewer, own_storage):
    own = replace(app, storage=S3Storage(own_storage.settings))
    export = await ordered(own, mirror, viewer, 5)
    await own_storage.kill()
    workers = asyncio.create_task(run_workers(own))
    try:
        waiting = await until(own, viewer, export, lambda job: job["error_code"] is not None)
        assert (waiting["status"], waiting["error_code"]) == ("running", "export.storage_away")
        await own_storage.start()
        job = await until(own, viewer, export, lambda job: job["status"] in ENDED)
    finally:
        workers.cancel()
        await asyncio.wait((workers,))
    assert (job["status"], job["error_code"]) == ("finished", None)
    assert await keys_in(own, job) == [f"ABC-{number}" for number in range(1, 6)]


async def test_an_export_survives_the_loss_of_every_database_connection(app, mirror, viewer):
    quick = {"lease": timedelta(seconds=3), "heartbeat": timedelta(seconds=1), "chunk_issues": 1}
    own = replace(app, settings=app.settings.model_copy(update=quick))
    export = await ordered(own, mirror, viewer, 8)
    workers = asyncio.create_task(run_workers(own))
    try:
        await until(own, viewer, export, lambda job: job["done"] >= 2)
        admin = await mirror.database.admin()
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await admin.close()
        job = await until(own, viewer, export, lambda job: job["status"] in ENDED)
    finally:
        workers.cancel()
        await asyncio.wait((workers,))
    assert (job["status"], job["done"], job["pages"]) == ("finished", 8, 16)
