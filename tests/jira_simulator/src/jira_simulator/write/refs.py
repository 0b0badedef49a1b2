"""A reference in a request (`{"id": …}`, `{"name": …}`, `{"accountId": …}`) in, the texts to look for out."""

from typing import Any

_KEYS = ("id", "accountId", "key", "name", "value")


def reference_texts(value: Any, *, lenient: bool) -> list[str]:
    """Only the control doors may write a bare name; REST answers 400 for it, as Jira does."""
    if isinstance(value, dict):
        texts = [str(value[key]) for key in _KEYS if value.get(key) is not None]
        if texts:
            return texts
    elif lenient and isinstance(value, str | int):
        return [str(value)]
    raise ValueError("data was not an object with id, key, accountId or name")
