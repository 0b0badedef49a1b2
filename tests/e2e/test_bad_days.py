"""Each part is really stopped: what can go on goes on, what must wait waits, and nothing is lost."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest

from common.testing.system import System, eventually
from stack.parts import part_pid, start_part, stop_part, wait_for_part


@contextmanager
def without(system: System, part: str) -> Iterator[None]:
    """A part is stopped, and is started again whatever happens."""
    stop_part(system.run.root, part)
    try:
        yield
    finally:
        start_part(system.run.root, part)


@pytest.fixture(autouse=True)
def _everything_is_well_again(system: System) -> Iterator[None]:
    yield
    for personality in ("cloud", "datacenter"):
        system.simulator(personality).door("DELETE", "/faults")
    eventually(lambda: health(system)["status"] == "ready", within=60, every=0.5)


def health(system: System) -> dict[str, Any]:
    try:
        return dict(system.client.get(f"{system.url}/health/ready").json())
    except httpx.HTTPError as error:
        return {"status": type(error).__name__}


def some_issue(system: System) -> dict[str, Any]:
    connection = system.connection("cloud")["id"]
    return dict(system.get(f"/issues?connection={connection}&limit=1")["items"][0])


def edited(system: System, issue: dict[str, Any], word: str) -> str:
    text = f"{word} {time.time_ns()}"
    system.simulator("cloud").edit(issue["key"], fields={"summary": text})
    return text


def finished_pdf(system: System, issue: str) -> bytes | None:
    answer = system.call("GET", f"/issues/{issue}/pdf")
    return answer.content if answer.status_code == httpx.codes.OK else None


def test_without_kafka_writes_are_accepted_and_the_events_come_later(system: System) -> None:
    issue = some_issue(system)
    before = last_position(system)
    with without(system, "kafka"):
        text = edited(system, issue, "Kafka is away")
        eventually(lambda: system.issue(issue["id"])["summary"] == text, within=30)
        ready = eventually(lambda: health(system) if health(system)["status"] == "degraded" else None, within=60)
        assert ready["checks"]["kafka"] == "away"
        export = system.call("POST", "/exports", json={"source": {"issues": [issue["id"]]}})
        assert export.status_code == httpx.codes.ACCEPTED
        assert last_position(system) > before
    eventually(lambda: unpublished(system) == 0, within=60, every=0.5)
    eventually(lambda: system.get(f"/exports/{export.json()['id']}")["status"] == "finished", within=90, every=0.5)


def last_position(system: System) -> int:
    return int(ask_database(system, "SELECT last_position FROM jira.relay_state"))


def unpublished(system: System) -> int:
    return int(ask_database(system, "SELECT last_position - published_position FROM jira.relay_state"))


def ask_database(system: System, question: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(system.env["DATABASE_URL"])
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_without_redis_every_request_is_answered_and_nothing_is_stale(system: System) -> None:
    issue = some_issue(system)
    system.issue(issue["id"])
    with without(system, "redis"):
        text = edited(system, issue, "Redis is away")
        eventually(lambda: system.issue(issue["id"])["summary"] == text, within=30)
        assert system.get("/issues?limit=5")["items"]
        system.login()
        started = time.monotonic()
        for _ in range(10):
            system.issue(issue["id"])
        assert time.monotonic() - started < 10, "a dead cache may cost a moment, not a time-out per request"
    assert system.issue(issue["id"])["summary"] == text


def test_without_object_storage_an_export_waits_and_succeeds_later(system: System) -> None:
    issue = some_issue(system)
    text = edited(system, issue, "Storage is away")
    eventually(lambda: system.issue(issue["id"])["summary"] == text, within=30)
    with without(system, "s3"):
        asked = system.call("GET", f"/issues/{issue['id']}/pdf", headers={"Prefer": "respond-async"})
        assert asked.status_code == httpx.codes.ACCEPTED
        time.sleep(3)
        status = system.get(f"/exports/{asked.json()['id']}")["status"]
        assert status in ("queued", "running")
    eventually(lambda: system.get(f"/exports/{asked.json()['id']}")["status"] == "finished", within=120, every=0.5)
    pdf = eventually(lambda: finished_pdf(system, issue["id"]), within=60, every=1)
    assert pdf.startswith(b"%PDF")


def test_without_jira_reads_go_on_and_say_how_old_they_are(system: System) -> None:
    connection = system.connection("cloud")["id"]
    issue = some_issue(system)
    system.simulator("cloud").door("POST", "/faults", {"rules": [{"path": "/rest/", "reset": True}]})
    state = eventually(
        lambda: (now := system.get(f"/connections/{connection}/sync"))["phase"] == "degraded" and now,
        within=90,
        every=0.5,
    )
    assert state["last_error"]["code"].startswith("jira.")
    answer = system.call("GET", f"/issues?connection={connection}&limit=5")
    assert answer.status_code == httpx.codes.OK
    as_of = datetime.fromisoformat(answer.headers["x-data-as-of"])
    assert as_of == datetime.fromisoformat(state["complete_as_of"])
    time.sleep(2)
    again = system.call("GET", f"/issues?connection={connection}&limit=5")
    assert datetime.fromisoformat(again.headers["x-data-as-of"]) == as_of, "nothing newer is known"
    system.simulator("cloud").door("DELETE", "/faults")
    eventually(lambda: system.get(f"/connections/{connection}/sync")["phase"] == "live", within=120, every=0.5)
    text = edited(system, issue, "Jira is back")
    eventually(lambda: system.issue(issue["id"])["summary"] == text, within=30)


def test_when_postgres_is_killed_the_services_recover_by_themselves(system: System) -> None:
    issue = some_issue(system)
    services = ("api-gateway", "jira-sync", "auth", "export-worker", "notifier")
    pids = {name: (system.run.pids / name).read_text() for name in services}
    os.kill(part_pid(system.run.root, "postgres"), signal.SIGKILL)
    answer = system.call("GET", "/issues?limit=1")
    assert answer.status_code in (200, 503), answer.text
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert "retry-after" in answer.headers
        assert answer.headers["content-type"] == "application/problem+json"
    wait_for_part(system.run.root, "postgres")
    eventually(lambda: system.call("GET", "/issues?limit=1").status_code == httpx.codes.OK, within=60, every=0.5)
    text = edited(system, issue, "Postgres is back")
    eventually(lambda: system.issue(issue["id"])["summary"] == text, within=60)
    system.login()
    assert {name: (system.run.pids / name).read_text() for name in pids} == pids, "no service had to be started again"


def test_without_the_auth_service_signed_in_callers_go_on(system: System) -> None:
    system.login()
    token = system.tokens["access_token"]
    with without(system, "auth"):
        answer = system.call("GET", "/issues?limit=1", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == httpx.codes.OK
        who = {"email": "a@example.com", "password": "x" * 12}
        refused = system.client.post(f"{system.url}/api/v1/auth/login", json=who)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "retry-after" in refused.headers
