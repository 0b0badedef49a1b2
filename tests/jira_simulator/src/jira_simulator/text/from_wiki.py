"""Wiki markup in, blocks out: line by line, in linear time; what it does not know stays as text."""

import re

from jira_simulator.text.blocks import (
    Block,
    Blocks,
    Code,
    Heading,
    Image,
    Inline,
    Inlines,
    Items,
    LineBreak,
    Mention,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
    plain,
)

_FENCE = re.compile(r"^\s*\{(code|noformat|quote|panel)(?::([^}]{0,200}))?\}(.*)$", re.IGNORECASE)
_HEADING = re.compile(r"^\s*h([1-6])\.\s+(.*)$")
_ITEM = re.compile(r"^\s*([*#-]{1,6})\s+(.*)$")
_IMAGE = re.compile(r"^\s*!([^!|\n]{1,200})(?:\|[^!\n]{0,100})?!\s*$")
_INLINE = re.compile(
    r"\[~(?:accountid:)?(?P<user>[^\]\n]{1,120})\]"
    r"|\[(?:(?P<label>[^\]|\n]{1,300})\|)?(?P<href>(?:https?|ftp|mailto):[^\]\s|]{1,1000})[^\]\n]{0,50}\]"
    r"|(?<![\w*])\*(?P<strong>[^*\s](?:[^*\n]{0,300}[^*\s])?)\*(?!\w)"
    r"|(?<![\w_])_(?P<em>[^_\s](?:[^_\n]{0,300}[^_\s])?)_(?!\w)"
    r"|\{\{(?P<code>[^}\n]{1,300})\}\}"
    r"|(?P<url>https?://[^\s|\]>]{1,1000})"
)


def from_wiki(text: str) -> Blocks:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        at = _next_block(lines, at, blocks)
    return tuple(blocks)


def inlines(text: str) -> Inlines:
    found: list[Inline] = []
    done = 0
    for match in _INLINE.finditer(text):
        if match.start() > done:
            found.append(Run(text[done : match.start()]))
        found.append(_piece(match))
        done = match.end()
    if done < len(text):
        found.append(Run(text[done:]))
    return tuple(found)


def _piece(match: re.Match[str]) -> Inline:
    got = match.groupdict()
    if got["user"]:
        return Mention(got["user"], got["user"])
    if got["href"]:
        return Run(got["label"] or got["href"], href=got["href"])
    if got["url"]:
        return Run(got["url"], href=got["url"])
    if got["strong"]:
        return Run(got["strong"], "strong")
    return Run(got["em"], "em") if got["em"] else Run(got["code"], "code")


def _joined(lines: list[str]) -> Inlines:
    pieces: list[Inline] = []
    for position, line in enumerate(lines):
        if position:
            pieces.append(LineBreak())
        pieces.extend(inlines(line))
    return tuple(pieces)


def _next_block(lines: list[str], at: int, blocks: list[Block]) -> int:
    line = lines[at]
    if not line.strip():
        return at + 1
    fence = _FENCE.match(line)
    if fence:
        return _fenced(lines, at, fence, blocks)
    single = _single(line)
    if single is not None:
        blocks.append(single)
        return at + 1
    if _ITEM.match(line):
        return _list(lines, at, blocks)
    if line.lstrip().startswith("|"):
        return _table(lines, at, blocks)
    return _paragraph(lines, at, blocks)


def _single(line: str) -> Block | None:
    if line.strip() == "----":
        return Rule()
    heading = _HEADING.match(line)
    if heading:
        return Heading(int(heading[1]), inlines(heading[2]))
    image = _IMAGE.match(line)
    return Image(image[1]) if image else None


def _fenced(lines: list[str], at: int, fence: re.Match[str], blocks: list[Block]) -> int:
    name, closing = fence[1].lower(), "{" + fence[1].lower() + "}"
    inside: list[str] = []
    rest = fence[3]
    cursor = at
    while True:
        where = rest.lower().find(closing)
        if where >= 0:
            inside.append(rest[:where])
            tail = rest[where + len(closing) :]
            break
        inside.append(rest)
        cursor += 1
        if cursor >= len(lines):
            tail = ""
            break
        rest = lines[cursor]
    blocks.append(_framed(name, fence[2] or "", inside))
    if tail.strip():
        blocks.append(Paragraph(inlines(tail)))
    return cursor + 1


def _framed(name: str, options: str, inside: list[str]) -> Block:
    if name in {"code", "noformat"}:
        first = options.partition("|")[0]
        language = "" if "=" in first else first
        return Code(language, "\n".join(inside).strip("\n"))
    paragraphs = tuple(inlines(line) for line in inside if line.strip()) or (plain(" "),)
    return Quote(paragraphs) if name == "quote" else Panel("info", paragraphs)


def _list(lines: list[str], at: int, blocks: list[Block]) -> int:
    first = _ITEM.match(lines[at])
    ordered = first is not None and first[1].startswith("#")
    items: list[Inlines] = []
    while at < len(lines) and (item := _ITEM.match(lines[at])) and item[1].startswith("#") == ordered:
        items.append(inlines(item[2]))
        at += 1
    blocks.append(Items(ordered, tuple(items)))
    return at


def _cells(line: str, divider: str) -> tuple[Inlines, ...]:
    inner = line.strip().removeprefix(divider).removesuffix(divider)
    return tuple(inlines(cell.strip()) for cell in inner.split(divider))


def _table(lines: list[str], at: int, blocks: list[Block]) -> int:
    header: tuple[Inlines, ...] = ()
    rows: list[tuple[Inlines, ...]] = []
    while at < len(lines) and lines[at].lstrip().startswith("|"):
        line = lines[at]
        if line.lstrip().startswith("||") and not header and not rows:
            header = _cells(line, "||")
        else:
            rows.append(_cells(line.replace("||", "|"), "|"))
        at += 1
    blocks.append(Table(header, tuple(rows)))
    return at


def _paragraph(lines: list[str], at: int, blocks: list[Block]) -> int:
    taken = [lines[at]]
    at += 1
    while at < len(lines) and lines[at].strip() and not _starts_block(lines[at]):
        taken.append(lines[at])
        at += 1
    blocks.append(Paragraph(_joined(taken)))
    return at


def _starts_block(line: str) -> bool:
    return bool(_FENCE.match(line) or _ITEM.match(line) or _single(line) or line.lstrip().startswith("|"))
