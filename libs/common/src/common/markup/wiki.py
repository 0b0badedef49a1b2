"""Jira wiki text comes in, the neutral tree goes out; linear in the length of the text, never an exception."""

import re

from common.markup.limits import MAX_CHARS
from common.markup.safety import clean_text, safe_color
from common.markup.tree import (
    Block,
    Cell,
    CodeBlock,
    Document,
    Figure,
    Heading,
    Image,
    Inline,
    LineBreak,
    Panel,
    Paragraph,
    Quote,
    Row,
    Rule,
    Table,
    Text,
)
from common.markup.wiki_inlines import LineParser
from common.markup.wiki_lists import Entry, build_lists, list_item
from common.markup.wiki_macros import ATOM, Atom, lift_macros
from common.markup.wiki_tables import is_complete, is_row, split_row

_HEADING = re.compile(r"[ \t]*h([1-6])\.[ \t]*(?=\S)")
_QUOTE_LINE = re.compile(r"[ \t]*bq\.[ \t]+")
_RULE = re.compile(r"[ \t]*-{4,5}[ \t]*")


def parse_wiki(raw: object) -> Document:
    if not isinstance(raw, str):
        return Document()
    text, atoms = lift_macros(clean_text(raw[:MAX_CHARS]))
    return Document(tuple(_Blocks(atoms).parse(text)), len(raw) > MAX_CHARS)


class _Blocks:
    """Reads lines into blocks; at any time at most one of paragraph, list and table is open."""

    def __init__(self, atoms: list[Atom], within: str = "") -> None:
        self.atoms, self.within = atoms, within
        self.found: list[Block] = []
        self.paragraph: list[str] = []
        self.entries: list[Entry] = []
        self.rows: list[list[str]] = []
        self.inlines = LineParser()

    def parse(self, text: str) -> list[Block]:
        for line in text.split("\n"):
            self.line(line)
        self.close()
        return self.found

    def line(self, line: str) -> None:
        if not line.strip():
            self.close()
        elif self.continues_row(line):
            self.rows[-1].append(line)
        elif self.within == "item" or not (self.list_line(line) or self.table_line(line) or self.single_line(line)):
            self.plain_line(line)

    def continues_row(self, line: str) -> bool:
        return bool(self.rows) and not is_row(line) and not is_complete(self.rows[-1][-1])

    def list_line(self, line: str) -> bool:
        if _RULE.fullmatch(line) or (entry := list_item(line, bool(self.entries))) is None:
            return False
        if not self.entries:
            self.close()
        self.entries.append(entry)
        return True

    def table_line(self, line: str) -> bool:
        if self.within == "cell" or not is_row(line):
            return False
        if not self.rows:
            self.close()
        self.rows.append([line])
        return True

    def single_line(self, line: str) -> bool:
        if heading := _HEADING.match(line):
            self.close()
            title = _unlifted(line[heading.end() :], self.atoms)
            self.found.append(Heading(int(heading[1]), self.inlines.parse(title)))
        elif quote := _QUOTE_LINE.match(line):
            self.close()
            self.found.append(Quote(tuple(self.flow(line[quote.end() :]))))
        elif _RULE.fullmatch(line):
            self.close()
            self.found.append(Rule())
        else:
            return False
        return True

    def plain_line(self, line: str) -> None:
        if self.entries:
            self.entries[-1].lines.append(line)
            return
        if self.rows:
            self.close()
        self.paragraph.append(line)

    def close(self) -> None:
        if self.paragraph:
            self.found.extend(self.flow("\n".join(self.paragraph)))
        elif self.entries:
            self.found.extend(build_lists(self.entries, self.flow))
        elif self.rows:
            self.found.append(self.table())
        self.paragraph, self.entries, self.rows = [], [], []

    def table(self) -> Block:
        rows = (
            Row(tuple(Cell(self.cell(cell.text), header=cell.header) for cell in cells))
            for lines in self.rows
            if (cells := split_row("\n".join(lines)))
        )
        return Table(tuple(rows))

    def cell(self, text: str) -> tuple[Block, ...]:
        return tuple(_Blocks(self.atoms, "cell").parse(text)) if text else ()

    def flow(self, text: str) -> tuple[Block, ...]:
        """Paragraphs and the atoms between them."""
        found: list[Block] = []
        pieces = ATOM.split(text)
        for index, piece in enumerate(pieces):
            if index % 2:
                found.append(self.atom(self.atoms[int(piece)]))
            elif piece.strip():
                found.extend(self.text_blocks(piece.strip("\n")))
        return tuple(found)

    def text_blocks(self, text: str) -> list[Block]:
        inlines: list[Inline] = []
        for number, line in enumerate(text.split("\n")):
            inlines.extend([LineBreak()] if number else [])
            inlines.extend(self.inlines.parse(line.strip()))
        images = tuple(node for node in inlines if isinstance(node, Image))
        if images and all(isinstance(node, Image | LineBreak) or _is_blank(node) for node in inlines):
            return [Figure(images)]
        return [Paragraph(tuple(inlines))] if inlines else []

    def atom(self, atom: Atom) -> Block:
        params = _params(atom.params)
        if atom.name in {"code", "noformat"}:
            language = params.get("", params.get("lang", params.get("language", ""))) if atom.name == "code" else ""
            return CodeBlock(atom.body.strip("\n").rstrip(), language, params.get("title", ""))
        blocks = tuple(_Blocks(self.atoms).parse(atom.body))
        if atom.name == "quote":
            return Quote(blocks)
        colors = safe_color(params.get("bgcolor")), safe_color(params.get("bordercolor"))
        return Panel("custom" if colors[0] else "info", blocks, params.get("title", ""), *colors)


def _params(text: str) -> dict[str, str]:
    """`lang|title=x|borderColor=#ccc`: names in lower case, the one without a name under the empty one."""
    params: dict[str, str] = {}
    for part in text.split("|"):
        name, sign, value = part.partition("=")
        if sign:
            params[name.strip().lower()] = value.strip()
        elif part.strip():
            params.setdefault("", part.strip())
    return params


def _unlifted(line: str, atoms: list[Atom]) -> str:
    """A heading cannot hold blocks: the macros in it keep their text."""
    return ATOM.sub(lambda match: " ".join(ATOM.sub("", atoms[int(match[1])].body).split()), line).strip()


def _is_blank(node: Inline) -> bool:
    return isinstance(node, Text) and not node.text.strip()
