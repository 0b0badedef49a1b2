"""The program as others meet it: its one line, its faults on real connections, its attachments on another host."""

import subprocess
import sys
import time

import httpx
import pytest

from jira_simulator.testing import free_ports, running_simulator_async


def test_it_says_one_line_when_ready_and_stops_on_request():
    port, media = free_ports(2)
    command = [sys.executable, "-m", "jira_simulator", "--personality", "cloud", "--port", str(port), "--issues", "5"]
    process = subprocess.Popen([*command, "--media-port", str(media)], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line == (
            f"jira_simulator ready: cloud http://127.0.0.1:{port} email=sim@example.com token=sim-cloud-token\n"
        )
        assert httpx.get(f"http://127.0.0.1:{port}/rest/api/3/serverInfo").status_code == 200
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert rest == ""


async def test_the_async_helper_starts_one_with_its_own_credentials():
    async with running_simulator_async("datacenter", issues=3, user="boss", password="secret") as running:
        with running.client() as jira:
            assert jira.get("/rest/api/2/myself").json()["name"] == "boss"
        assert len(running.truth()) == 3


def test_a_rule_answers_instead_of_jira_as_often_as_told(running):
    running.faults(rules=[{"path": "/rest/api/2/myself", "method": "GET", "status": 429, "times": 2}])
    with running.client() as jira:
        answers = [jira.get("/rest/api/2/myself") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"


def test_a_rule_may_bring_headers_and_a_page_of_a_proxy(running):
    rule = {"path": "^/rest/api/2/(my|server)", "status": 403, "headers": {"X-Waf": "yes"}, "body": "<h1>Blocked</h1>"}
    running.faults(rules=[rule])
    with running.client() as jira:
        answer = jira.get("/rest/api/2/serverInfo")
        assert (answer.status_code, answer.text, answer.headers["X-Waf"]) == (403, "<h1>Blocked</h1>", "yes")
        assert answer.headers["Content-Type"].startswith("text/html")
        assert jira.get("/rest/api/2/status").status_code == 200


def test_a_connection_is_reset(running):
    running.faults(rules=[{"path": "/rest/api/2/myself", "reset": True, "times": 1}])
    with running.client() as jira:
        with pytest.raises(httpx.NetworkError):
            jira.get("/rest/api/2/myself")
        assert jira.get("/rest/api/2/myself").status_code == 200


def test_an_answer_is_cut_with_or_without_breaking_the_connection(running):
    running.faults(rules=[{"path": "/rest/api/2/field", "truncate": True, "times": 1}])
    with running.client() as jira:
        answer = jira.get("/rest/api/2/field")
        assert answer.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
            answer.json()
        running.faults(rules=[{"path": "/rest/api/2/field", "truncate": 500, "reset": True, "times": 1}])
        with pytest.raises(httpx.TransportError):
            jira.get("/rest/api/2/field")
        assert jira.get("/rest/api/2/field").status_code == 200


def test_dice_fall_the_same_for_the_same_seed(running):
    def falls():
        running.end_faults()
        running.faults(seed=7, rules=[{"path": "/rest/api/2/status", "status": 503, "probability": 0.5}])
        with running.client() as jira:
            return [jira.get("/rest/api/2/status").status_code for _ in range(12)]

    first = falls()
    assert set(first) == {200, 503}
    assert falls() == first


def test_latency_slows_every_answer(running):
    running.faults(latency_ms=150)
    with running.client() as jira:
        started = time.monotonic()
        jira.get("/rest/api/2/serverInfo")
        assert time.monotonic() - started >= 0.15


def test_a_fault_nobody_knows_is_refused(running):
    for plan in ({"rulez": []}, {"rules": [{"status": 500}]}, {"rules": [{"path": "("}]}, {"latency_ms": -1}):
        assert running.http.post("/_sim/faults", json=plan).status_code == 400


def test_requests_are_counted_by_pattern(running):
    with running.client() as jira:
        jira.get("/rest/api/2/issue/10001")
        jira.get("/rest/api/2/issue/10002")
    row = next(
        entry
        for entry in running.stats()["requests"]
        if entry["path"] == "/rest/api/2/issue/{issue}" and entry["status"] == 200 and entry["method"] == "GET"
    )
    assert row["count"] >= 2


def picture(running):
    with running.client() as jira:
        for number in range(10001, 10121):
            answer = jira.get(f"/rest/api/2/issue/{number}", params={"fields": "attachment"})
            if answer.status_code == 200:
                for entry in answer.json()["fields"]["attachment"]:
                    if entry["mimeType"] == "image/png":
                        return entry
    raise AssertionError("no issue has a picture")


def test_cloud_sends_to_another_host_that_refuses_authorization(cloud_process):
    record = picture(cloud_process)
    with cloud_process.client() as jira:
        answer = jira.get(record["content"])
        assert answer.status_code == 303
        location = answer.headers["Location"]
        assert httpx.URL(location).port != httpx.URL(cloud_process.base_url).port
        refused = jira.get(location)
        assert refused.status_code == 400
        assert "Only one auth mechanism" in refused.text
        whole = httpx.get(location)
        assert whole.content.startswith(b"\x89PNG")
        assert len(whole.content) == record["size"]
        assert jira.get(record["content"], follow_redirects=True).content == whole.content
        here = jira.get(record["content"], params={"redirect": "false"})
        assert (here.status_code, here.content) == (200, whole.content)
    part = httpx.get(location, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{record['size']}"
    assert httpx.get(location, headers={"Range": f"bytes={record['size']}-"}).status_code == 416
    assert httpx.get(location.replace("token=", "token=0")).status_code == 403


def test_data_center_serves_files_itself_and_shows_guests_a_login(datacenter_process):
    record = picture(datacenter_process)
    assert "/secure/attachment/" in record["content"]
    with datacenter_process.client() as jira:
        answer = jira.get(record["content"])
        assert len(answer.content) == record["size"]
        assert jira.get(record["content"], headers={"Range": "bytes=-4"}).content == answer.content[-4:]
        assert jira.get(record["thumbnail"]).content.startswith(b"\x89PNG")
    assert httpx.get(record["content"]).status_code == 302


def test_a_file_is_uploaded_only_with_the_xsrf_header(running):
    with running.client() as jira:
        files = {"file": ("отчёт.txt", b"hello world", "text/plain")}
        path = "/rest/api/2/issue/10002/attachments"
        assert jira.post(path, files=files).status_code == 403
        made = jira.post(path, files=files, headers={"X-Atlassian-Token": "no-check"})
        assert made.status_code == 200
        (record,) = made.json()
        assert (record["filename"], record["size"]) == ("отчёт.txt", 11)
        assert jira.get(record["content"], follow_redirects=True).content == b"hello world"
        number = record["id"]
        assert jira.delete(f"/rest/api/2/attachment/{number}").status_code == 204
        assert jira.get(f"/rest/api/2/attachment/{number}").status_code == 404


def test_bad_bodies_are_refused_not_crashed_on(running):
    with running.client() as jira:
        for raw in (b"{", b"[]", b'"x"', b"\xff\xfe", b'{"fields": 3}'):
            answer = jira.post("/rest/api/2/issue", content=raw, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400
        for path in ("/rest/api/2/issue/10001/comment?startAt=x", "/rest/api/2/worklog/updated?since=x"):
            assert jira.get(path).status_code == 400
