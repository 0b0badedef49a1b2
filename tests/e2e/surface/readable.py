"""An answer in; all that a reader could find in it as one text out, PDF pages included."""

import io

import httpx
from pdfminer.high_level import extract_text

from surface.answers import everything_of


def readable(answer: httpx.Response) -> str:
    """Headers and body; of a PDF also its words, its title and where its links lead."""
    if not answer.content.startswith(b"%PDF"):
        return everything_of(answer)
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    text = extract_text(io.BytesIO(answer.content))
    # Words may be cut by line breaks; what is one word must be found as one.
    return "\n".join([headers, text, text.replace("\n", ""), answer.content.decode("latin-1")])
