"""The description of our events: the topic catalogue and the event classes come in, AsyncAPI 3.0 and a page go out."""

from functools import lru_cache
from html import escape
from typing import Any

from api_gateway.inbound.seed import API_VERSION
from common.contracts import access, audit, exports, issues, sync
from common.contracts.events import event_types
from common.contracts.topics import TOPICS

#: Importing these modules is what declares their events.
_DECLARED = (access, audit, exports, issues, sync)


@lru_cache(maxsize=1)
def asyncapi_document() -> dict[str, Any]:
    """Every topic with its messages."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    events = sorted(event_types().items())
    for topic, contract in TOPICS.items():
        of_topic = {name: event for name, event in events if event.topic == topic}
        for name, event in of_topic.items():
            schema = event.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= schema.pop("$defs", {})
            schemas[event.__name__] = schema
            messages[name] = {
                "name": name,
                "title": name,
                "summary": (event.__doc__ or "").strip(),
                "contentType": "application/cloudevents+json",
                "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
            }
        channels[topic.value] = {
            "address": topic.value,
            "description": f"{contract.about} Key: {contract.key}. Written by {contract.producer}.",
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in of_topic},
            "bindings": {"kafka": {"partitions": contract.partitions}},
        }
        operations[f"publish.{topic.value}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{topic.value}"},
            "summary": contract.about,
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jira Export events",
            "version": API_VERSION,
            "description": "CloudEvents 1.0 in structured JSON; the payload below is `data`.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def asyncapi_page(document: dict[str, Any]) -> str:
    """The document as a plain page without scripts."""
    parts = [_channel(channel, document) for channel in document["channels"].values()]
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Jira Export events</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2433}"
        "h2{border-bottom:1px solid #d5d9e2;margin-top:2.5rem}code,th{font-family:ui-monospace,monospace}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem;"
        "border-bottom:1px solid #eceef3;vertical-align:top}</style></head><body>"
        f"<h1>{escape(document['info']['title'])}</h1><p>{escape(document['info']['description'])} "
        "The same as <a href='/asyncapi.json'>AsyncAPI 3.0</a>.</p>" + "".join(parts) + "</body></html>"
    )


def _channel(channel: dict[str, Any], document: dict[str, Any]) -> str:
    messages = [document["components"]["messages"][name] for name in channel["messages"]]
    return f"<h2><code>{escape(channel['address'])}</code></h2><p>{escape(channel['description'])}</p>" + "".join(
        _message(message, document) for message in messages
    )


def _message(message: dict[str, Any], document: dict[str, Any]) -> str:
    schema = document["components"]["schemas"][message["payload"]["$ref"].rpartition("/")[2]]
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(_kind(part))}</td></tr>"
        for name, part in schema.get("properties", {}).items()
    )
    return f"<h3><code>{escape(message['name'])}</code></h3><p>{escape(message['summary'])}</p><table>{rows}</table>"


def _kind(part: dict[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(_kind(each) for each in part["anyOf"])
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    return str(part.get("format") or part.get("const") or part.get("type") or "any")
