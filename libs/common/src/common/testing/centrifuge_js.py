"""The unmodified npm client `centrifuge` as a process: commands go in, events come out."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[5]
FOLDER = ROOT / "tests/e2e/centrifuge_js"


def install() -> None:
    """The exact versions of the lock file, once."""
    (ROOT / ".run").mkdir(exist_ok=True)
    with FileLock(ROOT / ".run/centrifuge_js.lock"):
        installed = FOLDER / "node_modules/.package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)  # noqa: S603 - fixed command
            installed.touch()


class Js:
    """`async with Js() as js:`; events that were not waited for are kept in order."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "client.mjs",
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**22,
        )
        self._events: list[dict[str, Any]] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), 10)

    def tell(self, command: str, **details: Any) -> None:
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        self._process.stdin.write(json.dumps({"command": command, **details}).encode() + b"\n")

    async def wait_for(self, event: str, within: float = 20) -> dict[str, Any]:
        """The next event of a kind; the others before it stay."""
        async with asyncio.timeout(within):
            seen = 0
            while True:
                for index in range(seen, len(self._events)):
                    if self._events[index]["event"] == event:
                        return self._events.pop(index)
                seen = len(self._events)
                assert self._process.stdout is not None  # noqa: S101 - started with a pipe
                line = await self._process.stdout.readline()
                if not line:
                    raise AssertionError(f"node ended; before: {self._events}")
                self._events.append(json.loads(line))

    async def revisions(self, count: int) -> list[int]:
        return [(await self.wait_for("publication"))["data"]["data"]["revision"] for _ in range(count)]
