"""The documents that are made from the code: OpenAPI, AsyncAPI, topics, settings, an example environment."""

import importlib
import json
import os
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common.contracts
from common.contracts.events import event_types
from common.contracts.topics import DEAD_RETENTION, TOPICS
from lints.audit_page import audit_page
from lints.picture import system_picture
from lints.scopes_page import scopes_page
from lints.settings_page import env_example, settings_page

_NOTE = "Made by `.venv/bin/python -m lints write`; do not edit."


def _openapi() -> dict[str, Any]:
    # The gateway builds its document from settings' defaults; only what has none must be given.
    given = {
        "POSTGRES__DSN": "postgresql://je_gateway:x@localhost/x",
        "KAFKA__BOOTSTRAP": "localhost:9092",
        "HTTP__PORT": "8000",
        "HTTP__INTERNAL_PORT": "8010",
        "TOKENS__JWKS_URL": "http://localhost:8001/.well-known/jwks.json",
        "INTERNAL__SECRET": "x" * 32,
        "CURSOR_SECRET": "x" * 32,
        "PEERS__AUTH_URL": "http://localhost:8001",
        "PEERS__JIRA_SYNC_URL": "http://localhost:8002",
        "PEERS__EXPORT_WORKER_URL": "http://localhost:8003",
    }
    before = dict(os.environ)
    os.environ.update(given)
    try:
        main = importlib.import_module("api_gateway.main")
        settings = importlib.import_module("api_gateway.settings").Settings()
        made: dict[str, Any] = main.build(settings).openapi()
        return made
    finally:
        os.environ.clear()
        os.environ.update(before)


def _openapi_page() -> str:
    return json.dumps(_openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _scopes_page() -> str:
    return scopes_page(_openapi(), _NOTE)


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0 of the Kafka topics, from the catalogue and the event classes."""
    for module in pkgutil.iter_modules(common.contracts.__path__):
        importlib.import_module(f"common.contracts.{module.name}")
    events = event_types()
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for topic, contract in TOPICS.items():
        mine = [name for name, kind in events.items() if kind.topic is topic]
        channels[topic.value] = {
            "address": topic.value,
            "description": contract.about,
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in mine},
            "bindings": {"kafka": {"partitions": contract.partitions, "bindingVersion": "0.5.0"}},
            "x-key": contract.key,
            "x-producer": contract.producer,
            "x-consumers": [*contract.groups, *(f"{name} (every node)" for name in contract.broadcasts)],
        }
        channel = {"$ref": f"#/channels/{topic.value}"}
        operations[f"send {topic.value}"] = {"action": "send", "channel": channel}
        operations[f"receive {topic.value}"] = {"action": "receive", "channel": channel}
    for name, kind in events.items():
        messages[name] = {
            "name": name,
            "summary": (kind.__doc__ or "").strip().splitlines()[0],
            "contentType": "application/cloudevents+json",
            "payload": kind.model_json_schema(ref_template="#/components/schemas/{model}") | {"title": kind.__name__},
        }
        schemas |= messages[name]["payload"].pop("$defs", {})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Jira Export events", "version": "1.0.0", "description": "CloudEvents 1.0, structured JSON."},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _asyncapi() -> str:
    return json.dumps(asyncapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _topics_page() -> str:
    lines = [
        "# Topics",
        "",
        _NOTE,
        "",
        "| topic | what | producer | consumers | key | partitions | kept |",
        "|---|---|---|---|---|---|---|",
    ]
    for topic, contract in TOPICS.items():
        readers = [*contract.groups, *(f"{name} (every node)" for name in contract.broadcasts)]
        lines.append(
            f"| `{topic.value}` | {contract.about} | {contract.producer} | {', '.join(readers)} | `{contract.key}` "
            f"| {contract.partitions} | {contract.retention.days} days |"
        )
    lines += [
        "",
        f"Each topic has a dead-letter topic `<topic>.dead` ({DEAD_RETENTION.days} days).",
        "",
        "## Events",
        "",
    ]
    asyncapi()
    for name, kind in sorted(event_types().items()):
        lines.append(f"- `{name}` on `{kind.topic.value}`: {(kind.__doc__ or '').strip().splitlines()[0]}")
    return "\n".join(lines) + "\n"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/api/openapi.json": _openapi_page,
    "docs/events/asyncapi.json": _asyncapi,
    "docs/events/topics.md": _topics_page,
    "docs/security/audit.md": lambda: audit_page(_NOTE),
    "docs/security/scopes.md": _scopes_page,
    "docs/settings.md": settings_page,
    "docs/system.svg": system_picture,
    ".env.example": env_example,
}


def write_documents(root: Path) -> list[str]:
    """Writes all of them; gives the paths."""
    for path, make in DOCUMENTS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(make())
    return list(DOCUMENTS)


def stale_documents(root: Path) -> list[str]:
    """The documents that differ from what the code says."""
    return [
        path for path, make in DOCUMENTS.items() if not (root / path).exists() or (root / path).read_text() != make()
    ]
