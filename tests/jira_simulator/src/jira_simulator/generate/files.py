"""The name of a generated file in, its bytes out; the same name gives the same bytes."""

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

from jira_simulator.model.issue import Attachment
from jira_simulator.model.site import Site

POOL_SIZE = 12
MEDIA_TYPES = {"png": "image/png", "txt": "text/plain", "pdf": "application/pdf", "csv": "text/csv"}


def content_of(site: Site, attachment: Attachment) -> bytes:
    kind, _, number = attachment.source.partition(":")
    if kind == "upload":
        return site.uploads[attachment.source]
    return generated(kind, int(number), site.seed)


@lru_cache(maxsize=256)
def generated(kind: str, number: int, seed: int) -> bytes:
    """The pool is small, so that fifty thousand issues share a few dozen files."""
    rng = random.Random(f"{seed}:{kind}:{number}")
    if kind == "png":
        return _picture(rng, number)
    if kind == "pdf":
        return _pdf(f"Generated document {number}")
    if kind == "csv":
        rows = "".join(f"{row},{rng.randint(1, 900)},{rng.choice(('ok', 'failed'))}\n" for row in range(40))
        return ("run,milliseconds,result\n" + rows).encode()
    lines = (
        f"2026-0{rng.randint(1, 6)}-{rng.randint(10, 28)} INFO worker={rng.randint(1, 9)} step={n}" for n in range(60)
    )
    return ("\n".join(lines) + "\n").encode()


def _picture(rng: random.Random, number: int) -> bytes:
    width, height = 480 + 40 * (number % 4), 270 + 30 * (number % 3)
    image = Image.new("RGB", (width, height), (244, 245, 247))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 34), fill=(9, 30, 66))
    draw.text((12, 10), f"Screen {number}", fill=(255, 255, 255))
    base = height - 30
    for bar in range(8):
        left = 30 + bar * (width - 60) // 8
        top = base - rng.randint(20, base - 60)
        color = (rng.randint(0, 120), rng.randint(80, 180), rng.randint(140, 255))
        draw.rectangle((left, top, left + (width - 60) // 10, base), fill=color)
    draw.line((24, base, width - 24, base), fill=(66, 82, 110), width=2)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def thumbnail(content: bytes) -> bytes:
    """Raises OSError when the bytes are no picture."""
    with Image.open(io.BytesIO(content)) as image:
        small = image.convert("RGB")
        small.thumbnail((200, 200))
        out = io.BytesIO()
        small.save(out, "PNG")
    return out.getvalue()


def _pdf(title: str) -> bytes:
    stream = f"BT /F1 24 Tf 72 720 Td ({title}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
