"""One line of wiki text comes in, inline nodes go out: phrases, links, pictures, people, dashes, emoticons."""

import re
from collections.abc import Callable
from dataclasses import replace

from common.markup.safety import safe_color, safe_link
from common.markup.tree import PLAIN, Anchor, Emoji, Image, Inline, IssueRef, LineBreak, Marks, Text
from common.markup.wiki_links import bare_address, image, link
from common.markup.wiki_phrases import Delimiter, Phrases, can_close, can_open

_EMOTICONS = {
    ":)": "🙂", ":-)": "🙂", ":(": "😞", ":-(": "😞", ":P": "😛", ":-P": "😛", ":p": "😛", ":D": "😃", ":-D": "😃",
    ";)": "😉", ";-)": "😉", "(y)": "👍", "(n)": "👎", "(i)": "ℹ️", "(/)": "✅", "(x)": "❌", "(!)": "⚠️",
    "(+)": "➕", "(-)": "➖", "(?)": "❓", "(on)": "💡", "(off)": "🌑", "(*)": "⭐", "(*r)": "⭐", "(*g)": "⭐",
    "(*b)": "⭐", "(*y)": "⭐", "(flag)": "🚩", "(flagoff)": "🏳️",
}  # fmt: skip

# Every alternative scans a stretch that the next attempt does not scan again, so a line costs linear time.
_TOKEN = re.compile(
    r"(?P<escape>\\[-!*_+^~?{}\[\]|#:;()\\])"
    r"|(?P<on>\x01[^\x01]*\x01)|(?P<off>\x02)"
    r"|(?P<mono>\{\{)"
    r"|(?P<anchor>\{anchor:[^{}\n]{1,200}\})"
    r"|(?P<forced>\{(?:[*_+^~-]|\?\?)\})"
    r"|(?P<link>\[[^\[\]\n]+\])"
    r"|(?P<image>!(?=[^\s!|])[^!\n]+!)"
    r"|(?P<url>\b(?:https?://|mailto:)[^\s\x00-\x02\"'<>\[\]{}|\\^`*]+)"
    r"|(?P<issue>(?<![\w./-])[A-Z][A-Z0-9_]{1,15}-[1-9]\d{0,9}(?![\w-]))"
    r"|(?P<emoticon>(?<!\w)(?:[:;]-?\)|:-?[(PpD]|\((?:[ynix/!+?-]|on|off|\*[rgby]?|flag(?:off)?)\))(?!\w))"
    r"|(?P<dash>(?:(?<=\s)|^)---?(?=\s|$))"
    r"|(?P<phrase>\?\?|[*_+^~-])"
)
_ESCAPED = re.compile(r"\\([-!*_+^~?{}\[\]|#])")


class LineParser:
    """Parses line after line of one block; the colour in force goes on from one line to the next."""

    def __init__(self) -> None:
        self.color: str | None = None

    def parse(self, line: str) -> tuple[Inline, ...]:
        if not line:
            return ()
        return _Line(self, line).run()


class _Line:
    def __init__(self, parser: LineParser, line: str) -> None:
        self.parser, self.line = parser, line
        self.phrases = Phrases()
        self.no_mono_after = len(line)

    def run(self) -> tuple[Inline, ...]:
        position = 0
        while match := _TOKEN.search(self.line, position):
            self.text(self.line[position : match.start()])
            position = _HANDLERS[match.lastgroup or ""](self, match)
        self.text(self.line[position:])
        return self.phrases.finish()

    @property
    def marks(self) -> Marks:
        return Marks(color=self.parser.color) if self.parser.color else PLAIN

    def text(self, text: str) -> None:
        if text:
            self.phrases.add(Text(text, self.marks))

    def escape(self, match: re.Match[str]) -> int:
        if match[0] != "\\\\":
            self.text(match[0][1])
        elif self.line[match.end() : match.end() + 1] in {"", " ", "\t"}:
            self.phrases.add(LineBreak())
        else:
            # Two backslashes inside of a word are a Windows path far more often than a line break.
            self.text("\\\\")
        return match.end()

    def color_on(self, match: re.Match[str]) -> int:
        self.parser.color = safe_color(match[0][1:-1])
        return match.end()

    def color_off(self, match: re.Match[str]) -> int:
        self.parser.color = None
        return match.end()

    def mono(self, match: re.Match[str]) -> int:
        start = match.end()
        end = self.line.find("}}", start) if start < self.no_mono_after else -1
        if end < 0:
            self.no_mono_after = min(self.no_mono_after, start)
            self.text("{{")
            return start
        if code := _ESCAPED.sub(r"\1", self.line[start:end]):
            self.phrases.add(Text(code, replace(self.marks, code=True)))
        return end + 2

    def anchor(self, match: re.Match[str]) -> int:
        self.phrases.add(Anchor(match[0][8:-1]))
        return match.end()

    def forced(self, match: re.Match[str]) -> int:
        self.phrases.delimit(Delimiter(match[0][1:-1], match[0], opens=True, closes=True))
        return match.end()

    def link(self, match: re.Match[str]) -> int:
        node = link(match[0][1:-1], self.marks)
        if node is None:
            self.text("[")
            return match.start() + 1
        if isinstance(node, Text) and node.marks.href:
            self.label(node.text, node.marks.href)
        else:
            self.phrases.add(node)
        return match.end()

    def label(self, label: str, href: str) -> None:
        """A label has phrases of its own; brackets cannot stand in it, so this goes one level deep."""
        for node in _Line(self.parser, label).run():
            if isinstance(node, Text):
                self.phrases.add(Text(node.text, replace(node.marks, href=href)))
            elif isinstance(node, IssueRef):
                self.phrases.add(Text(node.key, replace(node.marks, href=href)))
            else:
                self.phrases.add(replace(node, href=href) if isinstance(node, Image) else node)

    def image(self, match: re.Match[str]) -> int:
        node = image(match[0][1:-1])
        if node is None:
            self.text("!")
            return match.start() + 1
        self.phrases.add(node)
        return match.end()

    def url(self, match: re.Match[str]) -> int:
        address = bare_address(match[0])
        self.phrases.add(Text(address, replace(self.marks, href=safe_link(address))))
        return match.start() + len(address)

    def issue(self, match: re.Match[str]) -> int:
        self.phrases.add(IssueRef(match[0], self.marks))
        return match.end()

    def emoticon(self, match: re.Match[str]) -> int:
        self.phrases.add(Emoji(_EMOTICONS[match[0]], match[0]))
        return match.end()

    def dash(self, match: re.Match[str]) -> int:
        self.text("–" if len(match[0]) == 2 else "—")
        return match.end()

    def phrase(self, match: re.Match[str]) -> int:
        sign, start, end = match[0], match.start(), match.end()
        opens, closes = can_open(self.line, start, end, sign), can_close(self.line, start, end, sign)
        self.phrases.delimit(Delimiter(sign, sign, opens, closes))
        return end


_HANDLERS: dict[str, Callable[[_Line, re.Match[str]], int]] = {
    "escape": _Line.escape,
    "on": _Line.color_on,
    "off": _Line.color_off,
    "mono": _Line.mono,
    "anchor": _Line.anchor,
    "forced": _Line.forced,
    "link": _Line.link,
    "image": _Line.image,
    "url": _Line.url,
    "issue": _Line.issue,
    "emoticon": _Line.emoticon,
    "dash": _Line.dash,
    "phrase": _Line.phrase,
}
