"""A run directory in; what its logs say that they should not out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from stack.layout import RunDir
from stack.plan.secret_store import load_secrets
from stack.plan.services import SERVICE_NAMES

_BUGS = frozenset({"request_failed", "handler_failed", "background_job_failed"})
_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")


def _files(run: RunDir, name: str = "*") -> list[Path]:
    return sorted(run.logs.glob(f"{name}.log*"))


def bugs(run: RunDir) -> Iterator[str]:
    """Unknown exceptions, answers 500, and tracebacks outside the JSON."""
    for service in SERVICE_NAMES:
        for file in _files(run, service):
            for line in file.read_text(errors="replace").splitlines():
                said = _bug(line)
                if said:
                    yield f"{service}: {said}"


def _bug(line: str) -> str | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return line[:300] if line.startswith(("Traceback", "Exception", "Fatal")) else None
    if not isinstance(entry, dict):
        return None
    event = entry.get("event")
    if event in _BUGS or entry.get("level") in {"error", "critical"}:
        text = str(entry.get("exception") or entry.get("detail") or "")
        return f"{event} {entry.get('route') or entry.get('job') or entry.get('topic') or ''} … {text[-700:]}"
    return f"500 {line[:300]}" if event == "request" and entry.get("status") == 500 else None


def leaks(run: RunDir, more: dict[str, str], others: dict[str, bytes]) -> Iterator[str]:
    """Where a secret, or anything like an access token, stands in a log or in one of the other texts."""
    secrets = {name: value.encode() for name, value in {**load_secrets(run).values, **more}.items()}
    # A simulator says at its start what it accepts: that is its contract.
    texts = {file.name: file.read_bytes() for file in _files(run) if not file.name.startswith("sim-")} | others
    assert len(texts) > len(SERVICE_NAMES)
    for name, text in texts.items():
        yield from (f"{secret} in {name}" for secret, value in secrets.items() if value in text)
        if _TOKEN.search(text):
            yield f"an access token in {name}"
