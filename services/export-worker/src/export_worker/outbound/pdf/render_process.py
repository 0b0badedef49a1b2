"""The render process: jobs come in by standard input, PDFs go out by standard output, one after the other.

It is started with an empty environment, so foreign texts and pictures are never near a secret of the service.
"""

import logging
import os
import resource
import signal
import sys
from typing import BinaryIO

from export_worker.outbound.pdf.render_job import FAILED, OUT_OF_MEMORY, PDF, READY, frame, read_job
from export_worker.outbound.pdf.typefaces import use_private_fonts


def main() -> None:
    memory, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The second net below the service's own clock: a process that nobody watches any more ends by itself.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    answers = _private_stdout()
    use_private_fonts()
    logging.getLogger("weasyprint").propagate = False
    from export_worker.outbound.pdf import renderer  # noqa: PLC0415 (loads Pango, after the fonts are chosen)

    _send(answers, READY, b"")
    while (job := read_job(sys.stdin.buffer)) is not None:
        try:
            _send(answers, PDF, renderer.render_issues_pdf(*job))
        except MemoryError:
            _send(answers, OUT_OF_MEMORY, b"")
            return
        except Exception as error:
            # One bad document must not cost its neighbours.
            _send(answers, FAILED, f"{type(error).__name__}: {error}"[:500].encode(errors="replace"))


def _private_stdout() -> BinaryIO:
    """Whatever a library prints goes to the log, not between the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _send(answers: BinaryIO, kind: bytes, body: bytes) -> None:
    answers.write(frame(kind, body))
    answers.flush()


if __name__ == "__main__":
    main()
