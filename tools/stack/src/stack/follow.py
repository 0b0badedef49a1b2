"""Takes the name of a service or part; prints its log as it grows."""

import sys
import time

from stack.errors import StackError
from stack.layout import RunDir

_LAST = 16_384


def follow_log(run: RunDir, name: str, *, follow: bool = True) -> int:
    known = sorted(path.stem for path in run.logs.glob("*.log")) if run.logs.exists() else []
    if name not in known:
        message = f"S={name or '?'}: there is no such log; choose S= from {', '.join(known) or '(nothing has run yet)'}"
        raise StackError(message)
    path = run.logs / f"{name}.log"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LAST))
        while True:
            text = file.read()
            if text:
                sys.stdout.write(text.decode(errors="replace"))
                sys.stdout.flush()
            elif not follow:
                return 0
            else:
                # A rotated log is a new file of the same name: what follows is there.
                if path.stat().st_size < file.tell():
                    file.seek(0)
                time.sleep(0.25)
