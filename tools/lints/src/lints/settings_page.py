"""The settings of every service as a page and as an example environment, read off their `Settings` classes."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

PACKAGES = {
    "api-gateway": "api_gateway.settings",
    "auth": "auth.settings",
    "export-worker": "export_worker.settings",
    "jira-sync": "jira_sync.settings",
    "notifier": "notifier.settings",
}
_NOTE = "Made by `.venv/bin/python -m lints write`; do not edit."


@dataclass(frozen=True)
class Setting:
    """One setting of one service."""

    name: str
    kind: str
    default: str | None  # None = must be given
    about: str
    secret: bool


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[Setting]:
    """Walks a settings class and its groups."""
    for name, field in model.model_fields.items():
        whole = f"{prefix}{field.alias or name}".upper()
        group = _group(field)
        if group is not None:
            yield from settings_of(group, f"{whole}__")
        else:
            yield Setting(whole, _kind(field), _default(field), field.description or "", _is_secret(field))


def _group(field: FieldInfo) -> type[BaseModel] | None:
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _kind(field: FieldInfo) -> str:
    text = getattr(field.annotation, "__name__", None) or str(field.annotation)
    if get_args(field.annotation):
        text = str(field.annotation).replace("typing.", "").replace("datetime.", "").replace("pydantic.types.", "")
    return text.replace("|", "or")


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation)) or "SecretStr" in str(field.annotation)


def _default(field: FieldInfo) -> str | None:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return None
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "" if value is None else str(value)


def _services() -> Iterator[tuple[str, list[Setting]]]:
    for service, module in PACKAGES.items():
        yield service, sorted(settings_of(importlib.import_module(module).Settings), key=lambda item: item.name)
    yield (
        "bootstrap",
        sorted(settings_of(importlib.import_module("common.bootstrap").BootstrapSettings), key=lambda item: item.name),
    )


def settings_page() -> str:
    """`docs/settings.md`."""
    lines = ["# Settings", "", _NOTE, "", "Read from the environment, once, at the start; durations are ISO 8601."]
    for service, settings in _services():
        lines += ["", f"## {service}", "", "| name | type | default | what |", "|---|---|---|---|"]
        for one in settings:
            default = "**required**" if one.default is None else (f"`{one.default}`" if one.default else "empty")
            secret = " (secret)" if one.secret else ""
            lines.append(f"| `{one.name}` | {one.kind}{secret} | {default} | {one.about} |")
    return "\n".join(lines) + "\n"


def env_example() -> str:
    """`.env.example`: what must be given, and everything else as a comment."""
    lines = [f"# {_NOTE}"]
    for service, settings in _services():
        lines += ["", f"# {service}"]
        lines += [f"{one.name}=" if one.default is None else f"# {one.name}={one.default}" for one in settings]
    return "\n".join(lines) + "\n"
