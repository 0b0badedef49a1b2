"""`python -m auth` serves; `python -m auth keys list|rotate|revoke KID` looks after the signing keys."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from auth.main import list_now, revoke_now, rotate_now, run


def _command(arguments: list[str]) -> Coroutine[Any, Any, str] | None:
    match arguments:
        case ["keys", "list"]:
            return list_now()
        case ["keys", "rotate"]:
            return rotate_now()
        case ["keys", "revoke", kid]:
            return revoke_now(kid)
    return None


if __name__ == "__main__":
    command = _command(sys.argv[1:])
    if command is not None:
        sys.stdout.write(asyncio.run(command) + "\n")
    elif sys.argv[1:]:
        sys.exit("usage: python -m auth [keys list | keys rotate | keys revoke KID]")
    else:
        run()
