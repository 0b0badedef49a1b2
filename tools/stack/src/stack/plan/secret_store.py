"""Takes a run directory; gives the secrets of its stack, made at random once and kept in a file of mode 0600."""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from stack.layout import RunDir, write_private


def _word() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "postgres_superuser": _word,
    "postgres_auth": _word,
    "postgres_api-gateway": _word,
    "postgres_jira-sync": _word,
    "postgres_export-worker": _word,
    "postgres_notifier": _word,
    "s3_access_key": lambda: secrets.token_hex(10),
    "s3_secret_key": _word,
    "internal": _word,
    "cursors": _word,
    "master_key": _key,
    "operator_password": _word,
    "demo_password": _word,
    "neighbour_password": _word,
}


@dataclass(frozen=True)
class Secrets:
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def load_secrets(run: RunDir) -> Secrets:
    """Reads the file and adds what a newer version of the stack needs more."""
    kept: dict[str, str] = json.loads(run.secrets.read_text()) if run.secrets.exists() else {}
    missing = {name: make() for name, make in _MAKERS.items() if name not in kept}
    values = kept | missing
    if missing:
        write_private(run.secrets, json.dumps(values, indent=1) + "\n")
    return Secrets(values)
