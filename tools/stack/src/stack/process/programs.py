"""What one process of the stack is: its name, command, files and how it wants to be stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    kind: Literal["part", "simulator", "service"]
    user: str | None = None
    env_file: Path | None = None
    stop_signal: Literal["TERM", "INT"] = "TERM"
    stop_seconds: int = 15
    # The listeners that must be free before it starts, by a name for the message.
    ports: tuple[tuple[str, int], ...] = ()
