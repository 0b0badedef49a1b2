"""Rich texts: a stored body and the names around it come in, the address of its rendering and the rendering go out."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from common.markup import Resolver, parse, render_html, render_text

#: Raised when the renderer's output changes, so that old renderings are no longer found.
RENDERER = 1

_WIKI_MENTION = re.compile(r"\[~(?:accountid:)?([^\]|\r\n]{1,200})\]")


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body as the mirror has it: an ADF document or wiki text."""

    format: Literal["adf", "wiki"]
    raw: Any

    @classmethod
    def of_text(cls, kind: str, text: str) -> "StoredBody":
        """From a row, where an ADF document is JSON text; one that is broken is shown as the text it is."""
        if kind != "adf":
            return cls("wiki", text)
        try:
            return cls("adf", orjson.loads(text))
        except orjson.JSONDecodeError:
            return cls("wiki", text)

    def may_show_files(self) -> bool:
        """Whether an attachment may stand in it; most texts have none, and then nobody has to ask for their names."""
        if self.format == "wiki":
            return "!" in self.raw or "[^" in self.raw
        return b'"media' in orjson.dumps(self.raw)

    def mentions(self) -> set[str]:
        """People that wiki text names by id only; ADF brings the names with it."""
        return set(_WIKI_MENTION.findall(self.raw)) if self.format == "wiki" and "[~" in self.raw else set()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the names in the bodies of one issue mean: attachments by name or media id, people by id."""

    site: str
    attachments: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def fingerprint(self) -> bytes:
        """Equal surroundings give equal renderings."""
        parts = [self.site, sorted(self.attachments.items()), sorted(self.people.items())]
        return hashlib.blake2b(orjson.dumps(parts), digest_size=16).digest()

    def resolver(self) -> Resolver:
        """What the renderers ask."""
        return Resolver(
            image=self.attachments.get,
            attachment=self.attachments.get,
            mention=self.people.get,
            issue=lambda key: f"{self.site}/browse/{key}",
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML that is safe to show, and plain text."""

    html: str
    text: str


def rendering_address(body: StoredBody, around: bytes) -> str:
    """Names a rendering by everything that it depends on, so a changed body can never find an old one."""
    text = body.raw.encode("utf-8", "replace") if isinstance(body.raw, str) else orjson.dumps(body.raw)
    head = f"{RENDERER}:{body.format}:".encode()
    return hashlib.blake2b(head + around + text, digest_size=20).hexdigest()


def render(body: StoredBody, surroundings: Surroundings) -> Rendered:
    """Renders a body; never raises, because the parsers take any input."""
    document = parse(body.format, body.raw)
    return Rendered(render_html(document, surroundings.resolver()), render_text(document))


def body_json(body: StoredBody, rendered: Rendered) -> dict[str, Any]:
    """A body as the API shows it."""
    return {"format": body.format, "raw": body.raw, "html": rendered.html, "text": rendered.text}
