"""Takes a running system; does the product's main job through the public API alone, step by step."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from stack.demo.connections import PublicApi
from stack.demo.live import Heard, hear_edit
from stack.demo.neighbours import show_the_neighbours
from stack.demo.progress import Step, Steps
from stack.errors import StackError
from stack.process.readiness import run_async

_LIVE_SECONDS = 240.0
_PDF_SECONDS = 120.0
_EVENT_SECONDS = 60.0
_LOOKED_AT = 12
_EDIT_MARK = " · edited by make demo"


@dataclass(frozen=True)
class Result:
    issue: dict[str, Any]
    pdf: Path
    word: str


def run_journey(api: PublicApi, env: dict[str, str], steps: Steps, folder: Path) -> Result:
    with steps.step("Sign in") as step:
        token = api.log_in(env["DEMO_EMAIL"], env["DEMO_PASSWORD"])
        step.end(f"{env['DEMO_EMAIL']} in tenant {api.call('GET', '/me').json().get('tenant', {}).get('slug', 'demo')}")
    connections = _own_connections(api, env, steps)
    for connection in connections:
        with steps.step(f"Mirror {connection['name']}") as step:
            _wait_until_live(api, connection, step)
    shown = connections[0]
    with steps.step("List and filter") as step:
        items = _list_and_filter(api, shown["id"], step)
    with steps.step("Search") as step:
        word = _search(api, items, step)
    with steps.step("Export a PDF") as step:
        issue = _richest(api, items, step)
        pdf = _export_pdf(api, issue, folder, step)
    with steps.step("Hear of an edit in Jira") as step:
        _hear_of_an_edit(api, env, token, issue, step)
    with steps.step("Keep two tenants apart") as step:
        show_the_neighbours(api, env, issue, step)
    return Result(issue, pdf, word)


def _own_connections(api: PublicApi, env: dict[str, str], steps: Steps) -> list[dict[str, Any]]:
    addresses = [env[name].rstrip("/") for name in ("SIM_CLOUD_URL", "SIM_DC_URL") if env.get(name)]
    with steps.step("Connect the Jira sites") as step:
        known = {c["base_url"].rstrip("/"): c for c in api.items("/connections?limit=200")}
        missing = [address for address in addresses if address not in known]
        if missing or not addresses:
            message = f"there is no connection to {missing or 'any simulator: the demo needs SIM other than none'}"
            raise StackError(message)
        step.end(", ".join(addresses))
    return [known[address] for address in addresses]


def _wait_until_live(api: PublicApi, connection: dict[str, Any], step: Step) -> None:
    end = time.monotonic() + _LIVE_SECONDS
    while True:
        state = api.call("GET", f"/connections/{connection['id']}/sync").json()
        progress = state.get("progress") or {}
        done, total = int(progress.get("done") or 0), int(progress.get("total") or 0)
        step.move(done, total, f"{state['phase']} {done} of {total}")
        if state["phase"] == "live":
            step.end(f"{done} issues, complete as of {state.get('complete_as_of')}")
            return
        if state["phase"] == "failed" or time.monotonic() > end:
            message = f"{connection['name']} is not live: {state}"
            raise StackError(message)
        time.sleep(0.25)


def _list_and_filter(api: PublicApi, connection: str, step: Step) -> list[dict[str, Any]]:
    page = api.call("GET", f"/issues?connection={connection}&limit=200&count=true").json()
    items: list[dict[str, Any]] = page["items"]
    if not items:
        message = f"the mirror of {connection} lists no issue"
        raise StackError(message)
    status = items[0]["status"]["name"]
    filtered = api.items(f"/issues?connection={connection}&status={quote(status)}&limit=200")
    wrong = [item["key"] for item in filtered if item["status"]["name"] != status]
    if wrong or not filtered:
        message = f"the filter status={status} gave {wrong or 'nothing'}"
        raise StackError(message)
    count = (page.get("count") or {}).get("value", len(items))
    step.end(f"{count} issues, {len(filtered)}{'+' if len(filtered) == 200 else ''} of them in {status!r}")
    return items


def _search(api: PublicApi, items: list[dict[str, Any]], step: Step) -> str:
    """Looks for a word of a summary; the issue that it was taken from must be among the hits."""
    for item in items:
        summary: str = item["summary"]
        word = next((word for word in summary.split() if len(word) > 4 and word.isalpha()), None)
        if word:
            hits = api.items(f"/issues?q={quote(word)}&limit=200")
            if item["id"] not in {hit["id"] for hit in hits}:
                message = f"the search for {word!r} does not find {item['key']}"
                raise StackError(message)
            step.end(f"{word!r} is in {len(hits)} issues, {item['key']} among them")
            return word
    message = "no summary has a word to search for"
    raise StackError(message)


def _richest(api: PublicApi, items: list[dict[str, Any]], step: Step) -> dict[str, Any]:
    """Of the first few issues the one whose document shows the most."""
    best: tuple[int, dict[str, Any]] = (-1, items[0])
    for number, item in enumerate(items[:_LOOKED_AT]):
        step.move(number, _LOOKED_AT, "looking for one with much in it")
        detail = api.call("GET", f"/issues/{item['id']}?expand=comments,attachments").json()
        html = len((detail.get("description") or {}).get("html") or "")
        comments = int((detail.get("comments") or {}).get("total") or 0)
        pictures = [a for a in (detail.get("attachments") or {}).get("items", []) if _is_picture(a)]
        best = max(best, (min(html, 6000) + 300 * min(comments, 8) + 1000 * min(len(pictures), 2), item), key=_score)
    return best[1]


def _score(rated: tuple[int, dict[str, Any]]) -> int:
    return rated[0]


def _is_picture(attachment: dict[str, Any]) -> bool:
    return str(attachment.get("media_type", "")).startswith("image/")


def _export_pdf(api: PublicApi, issue: dict[str, Any], folder: Path, step: Step) -> Path:
    answer = api.call("GET", f"/issues/{issue['id']}/pdf", follow=True)
    if answer.status_code == httpx.codes.ACCEPTED:
        answer = _wait_for_export(api, answer.json()["id"], step)
    if not answer.content.startswith(b"%PDF-"):
        message = f"the PDF of {issue['key']} is none: {answer.headers.get('content-type')} {answer.content[:80]!r}"
        raise StackError(message)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{issue['key']}.pdf"
    path.write_bytes(answer.content)
    step.end(f"{path} ({len(answer.content) / 1024:.0f} KB)")
    return path


def _wait_for_export(api: PublicApi, export: str, step: Step) -> httpx.Response:
    end = time.monotonic() + _PDF_SECONDS
    while time.monotonic() < end:
        state = api.call("GET", f"/exports/{export}").json()
        step.move(int(state["progress"]["done"]), int(state["progress"]["total"]), state["status"])
        if state["status"] in {"finished", "finished_with_gaps"}:
            return api.call("GET", f"/exports/{export}/content", follow=True)
        if state["status"] in {"failed", "cancelled", "expired"}:
            break
        time.sleep(0.25)
    message = f"the export is not finished: {state}"
    raise StackError(message)


def _hear_of_an_edit(api: PublicApi, env: dict[str, str], token: str, issue: dict[str, Any], step: Step) -> None:
    simulator = issue["url"].partition("/browse/")[0]
    summary = f"{issue['summary'].partition(_EDIT_MARK)[0]}{_EDIT_MARK} {time.strftime('%H:%M:%S')}"

    async def edit() -> None:
        step.move(1, 3, "somebody edits the issue in Jira")
        async with httpx.AsyncClient(timeout=30, trust_env=False) as jira:
            url = f"{simulator}/_sim/issues/{issue['key']}/edit"
            (await jira.post(url, json={"fields": {"summary": summary}})).raise_for_status()

    try:
        heard: Heard = run_async(
            hear_edit(env["JIRA_EXPORT_WS_URL"], token, f"issue:{issue['id']}", edit, _EVENT_SECONDS)
        )
    except httpx.HTTPError as err:
        message = f"the simulator refused the edit: {err}"
        raise StackError(message) from err
    step.move(2, 3, "heard, reading it back")
    now = api.call("GET", f"/issues/{issue['id']}").json()["summary"]
    if now != summary:
        message = f"the event came, and the issue still says {now!r}"
        raise StackError(message)
    step.end(f"{heard.event.get('type')} for {issue['key']} after {heard.seconds * 1000:.0f} ms")
