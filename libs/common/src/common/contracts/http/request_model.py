"""The base of all request bodies: unknown fields are refused, and so is text that no database can hold."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

#: Nesting that a request body may have; deeper ones are refused before any validator recurses.
MAX_DEPTH = 32


class RequestModel(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False, str_max_length=100_000)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        refuse_unstorable(value)
        return value


class ResponseModel(BaseModel):
    """An answer's body, as documented in OpenAPI."""

    model_config = ConfigDict(frozen=True)


def refuse_unstorable(value: Any, depth: int = 0) -> None:
    """Raises ValueError for NUL characters, lone surrogates and bottomless nesting anywhere in JSON."""
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("text may hold neither NUL characters nor lone surrogates")
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_unstorable(key, depth + 1)
            refuse_unstorable(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            refuse_unstorable(item, depth + 1)
