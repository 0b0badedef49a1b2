"""What a user does, by the public API: connect, list, filter, search, read, print, listen."""

import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from common.testing.centrifuge_js import Js, install
from common.testing.system import System, eventually


@pytest.fixture(scope="module")
def cards(system: System) -> list[dict[str, Any]]:
    connection = system.connection("cloud")["id"]
    return system.pages(f"/issues?connection={connection}")


def keys(system: System, **params: Any) -> list[str]:
    connection = system.connection("cloud")["id"]
    query = httpx.QueryParams({"connection": connection, **params})
    return [item["key"] for item in system.pages(f"/issues?{query}")]


def test_each_filter_gives_exactly_the_issues_that_have_the_value(system: System, cards: list[dict[str, Any]]) -> None:
    filters = {
        "status": lambda card: card["status"]["name"],
        "status_category": lambda card: card["status"]["category"],
        "priority": lambda card: card["priority"] and card["priority"]["name"],
        "type": lambda card: card["type"]["name"],
        "project": lambda card: card["project"]["key"],
        "assignee": lambda card: card["assignee"] and card["assignee"]["id"],
        "reporter": lambda card: card["reporter"] and card["reporter"]["id"],
    }
    for name, value_of in filters.items():
        value, expected = Counter(filter(None, map(value_of, cards))).most_common(2)[-1]
        assert len(keys(system, **{name: value})) == expected, name
    assert len(keys(system, assignee="none")) == sum(card["assignee"] is None for card in cards)
    for label, expected in Counter(label for card in cards for label in card["labels"]).most_common(3):
        assert len(keys(system, label=label)) == expected


def test_repeated_parameters_are_or_and_different_ones_are_and(system: System, cards: list[dict[str, Any]]) -> None:
    first, second = (name for name, _ in Counter(card["status"]["name"] for card in cards).most_common(2))
    kind = cards[0]["type"]["name"]
    connection = system.connection("cloud")["id"]
    got = system.pages(f"/issues?connection={connection}&status={first}&status={second}&type={kind}")
    expected = {
        card["key"] for card in cards if card["status"]["name"] in (first, second) and card["type"]["name"] == kind
    }
    assert {item["key"] for item in got} == expected


def test_pages_follow_the_asked_order_and_repeat_nothing(system: System, cards: list[dict[str, Any]]) -> None:
    for sort, value_of in (("created", lambda c: c["created"]), ("-updated", lambda c: c["updated"])):
        connection = system.connection("cloud")["id"]
        got = system.pages(f"/issues?connection={connection}&sort={sort}", limit=17)
        values = [value_of(item) for item in got]
        assert values == sorted(values, reverse=sort.startswith("-"))
        assert len({item["id"] for item in got}) == len(got) == len(cards)


def test_text_search_stems_english_and_russian_and_finds_keys_and_beginnings(system: System) -> None:
    simulator = system.simulator("cloud")
    mark = f"mark{time.time_ns()}"
    made = simulator.door(
        "POST",
        "/issues",
        {"project": "SHOP", "fields": {"summary": f"Customers reported crashes; заказы теряются {mark}"}},
    )
    eventually(lambda: made["key"] in keys(system, q=mark), within=20)
    for words in ("customer report crash", "заказ теряется", f"{mark[:-3]}", made["key"], "reporting заказов"):
        assert made["key"] in keys(system, q=words), words
    assert made["key"] not in keys(system, q=f"{mark} nothingoftheKind")
    body = {"q": f"crash {mark}", "highlight": True}
    hit = system.call("POST", "/issues/search", json=body).json()["items"][0]
    assert hit["rank"] > 0
    assert "<mark>" in str(hit["highlight"])


def test_a_detail_has_rendered_texts_and_a_second_read_is_not_modified(
    system: System, cards: list[dict[str, Any]]
) -> None:
    for card in cards[:20]:
        answer = system.call("GET", f"/issues/{card['id']}?expand=comments,history,attachments,links,worklogs")
        detail = answer.json()
        assert "<script" not in answer.text
        for part in ("comments", "history", "attachments", "links", "worklogs"):
            assert detail[part]["total"] >= len(detail[part]["items"])
        if detail["description"]:
            assert detail["description"]["format"] == "adf"
            assert detail["description"]["html"].startswith("<")
        again = system.call(
            "GET",
            f"/issues/{card['id']}?expand=comments,history,attachments,links,worklogs",
            headers={"If-None-Match": answer.headers["etag"]},
        )
        assert again.status_code == httpx.codes.NOT_MODIFIED
        assert "x-data-as-of" in answer.headers


def test_attachments_come_through_whole_and_in_parts(
    system: System, cards: list[dict[str, Any]], personality: str
) -> None:
    connection = system.connection(personality)["id"]
    for card in system.pages(f"/issues?connection={connection}"):
        found = system.get(f"/issues/{card['id']}/attachments")["items"]
        if found:
            break
    else:
        pytest.fail("no issue has an attachment")
    address = found[0]["content_url"].removeprefix("/api/v1")
    whole = system.call("GET", address)
    assert whole.status_code == httpx.codes.OK
    assert len(whole.content) == found[0]["size"]
    assert "sandbox" in whole.headers["content-security-policy"]
    part = system.call("GET", address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert system.client.get(f"{system.url}/api/v1{address}").status_code == httpx.codes.UNAUTHORIZED


def test_a_pdf_has_the_texts_an_outline_and_a_picture_that_is_not_blank(
    system: System, cards: list[dict[str, Any]], tmp_path: Path
) -> None:
    cyrillic = next(card for card in cards if any("а" <= letter <= "я" for letter in card["summary"]))
    pdf = eventually(lambda: _pdf(system, cyrillic["id"]), within=90, every=1)
    path = tmp_path / "issue.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert cyrillic["key"] in text
    assert cyrillic["summary"].split()[0] in text
    assert "Page 1 of" in text
    with pikepdf.open(path) as book, book.open_outline() as outline:
        assert str(outline.root[0].title).startswith(cyrillic["key"])
    subprocess.run(["pdftoppm", "-gray", "-r", "40", "-f", "1", "-l", "1", path, tmp_path / "page"], check=True)
    (picture,) = tmp_path.glob("page*.pgm")
    pixels = picture.read_bytes()
    assert sum(pixel < 128 for pixel in pixels) > len(pixels) * 0.005, "letters must stand on the page"


def _pdf(system: System, issue: str) -> bytes | None:
    answer = system.call("GET", f"/issues/{issue}/pdf")
    return answer.content if answer.status_code == httpx.codes.OK else None


def test_several_issues_become_one_pdf_with_an_outline_entry_for_each(
    system: System, cards: list[dict[str, Any]], tmp_path: Path
) -> None:
    chosen = cards[:5]
    asked = system.call("POST", "/exports", json={"source": {"issues": [card["key"] for card in chosen]}})
    assert asked.status_code == httpx.codes.ACCEPTED
    export = eventually(
        lambda: (now := system.get(f"/exports/{asked.json()['id']}"))["status"].startswith("finished") and now,
        within=120,
        every=0.5,
    )
    assert export["progress"]["done"] == export["progress"]["total"] == 5
    content = system.call("GET", f"/exports/{export['id']}/content", follow_redirects=False)
    assert content.status_code == httpx.codes.TEMPORARY_REDIRECT
    (tmp_path / "all.pdf").write_bytes(system.client.get(content.headers["location"]).content)
    with pikepdf.open(tmp_path / "all.pdf") as book, book.open_outline() as outline:
        assert [str(entry.title).split()[0].rstrip(":") for entry in outline.root] == [card["key"] for card in chosen]


async def test_the_npm_client_hears_of_an_edit_and_of_nothing_restricted(
    system: System, cards: list[dict[str, Any]]
) -> None:
    install()
    connection = system.connection("cloud")["id"]
    seen = cards[0]
    project = seen["project"]["key"]
    hidden = next(card for card in cards if card["project"]["key"] == project and card["key"] != seen["key"])
    simulator = system.simulator("cloud")
    async with Js() as js:
        system.login()
        js.tell("open", url=system.env["JIRA_EXPORT_WS_URL"], token=system.tokens["access_token"])
        await js.wait_for("connected")
        js.tell("subscribe", channel=f"project:{connection}:{project}")
        await js.wait_for("subscribed")
        simulator.door("POST", f"/issues/{hidden['key']}/restrict", {"level": "Internal"})
        eventually(lambda: system.call("GET", f"/issues/{hidden['id']}").status_code == 404, within=20)
        secret = f"secret{time.time_ns()}"
        simulator.edit(hidden["key"], fields={"summary": secret})
        simulator.edit(seen["key"], fields={"summary": f"Heard {time.time_ns()}"})
        while True:
            heard = (await js.wait_for("publication"))["data"]
            assert secret not in str(heard)
            if heard["data"]["key"] == seen["key"]:
                break
        assert heard["type"] == "jira.issue.changed.v1"
        assert heard["data"]["fields"] == ["summary"]
        assert "access" not in heard["data"]
    simulator.door("POST", f"/issues/{hidden['key']}/restrict", {"level": None})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            {"auth": {"method": "api_token", "email": "nobody@example.com", "token": "wrong"}},
            "jira.wrong_credentials",
        ),
        ({"base_url": "http://127.0.0.1:9"}, "jira.unreachable"),
        ({"base_url": "{gateway}"}, "jira.not_jira"),
        ({"base_url": "http://169.254.169.254"}, "jira.forbidden_address"),
        ({"base_url": "http://[::ffff:10.0.0.1]"}, "jira.forbidden_address"),
        ({}, "connection.exists"),
    ],
)
def test_a_connection_that_cannot_be_made_says_why(system: System, change: dict[str, Any], code: str) -> None:
    body = {
        "name": "Another",
        "base_url": system.env["SIM_CLOUD_URL"],
        "deployment": "auto",
        "auth": {"method": "api_token", "email": system.env["SIM_EMAIL"], "token": system.env["SIM_TOKEN"]},
        **change,
    }
    body["base_url"] = str(body["base_url"]).replace("{gateway}", system.url)
    answer = system.call("POST", "/connections", json=body)
    assert 400 <= answer.status_code < 600
    assert answer.json()["code"] == code
    assert system.env["SIM_TOKEN"] not in answer.text


def test_a_signed_out_session_is_out_everywhere_within_seconds(system: System) -> None:
    other = System.running(system.run.root)
    assert other.call("GET", "/issues?limit=1").status_code == httpx.codes.OK
    token = {"Authorization": f"Bearer {other.tokens['access_token']}"}
    done = other.call("POST", "/auth/logout", json={"refresh_token": other.tokens["refresh_token"]}, headers=token)
    assert done.status_code in (200, 204)
    eventually(lambda: other.call("GET", "/issues?limit=1", headers=token).status_code == 401, within=5)
    other.client.close()
