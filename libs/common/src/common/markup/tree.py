"""The neutral tree: ADF and wiki text come in as these frozen nodes, HTML and plain text go out of them."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Marks:
    """How a piece of a line looks; colours and href are already checked by the parsers."""

    strong: bool = False
    em: bool = False
    code: bool = False
    underline: bool = False
    strike: bool = False
    sub: bool = False
    sup: bool = False
    cite: bool = False
    small: bool = False
    color: str | None = None
    background: str | None = None
    href: str | None = None


PLAIN = Marks()


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    marks: Marks = PLAIN


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


@dataclass(frozen=True, slots=True)
class Mention:
    """A person: the id is an account id, a user key or a user name, the text may be empty."""

    id: str
    text: str = ""
    marks: Marks = PLAIN


@dataclass(frozen=True, slots=True)
class Emoji:
    text: str
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class DateStamp:
    day: date


@dataclass(frozen=True, slots=True)
class Status:
    """A lozenge; the colour is one of ADF's names (neutral, purple, blue, red, yellow, green)."""

    text: str
    color: str = "neutral"


@dataclass(frozen=True, slots=True)
class IssueRef:
    key: str
    marks: Marks = PLAIN


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    name: str
    text: str = ""
    marks: Marks = PLAIN


@dataclass(frozen=True, slots=True)
class Image:
    """A picture known by one of its names (file name, media id, address), best first."""

    names: tuple[str, ...]
    alt: str = ""
    width: int | None = None
    height: int | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    name: str


@dataclass(frozen=True, slots=True)
class InlineExtension:
    name: str
    text: str = ""


Inline = (
    Text
    | LineBreak
    | Mention
    | Emoji
    | DateStamp
    | Status
    | IssueRef
    | AttachmentRef
    | Image
    | Anchor
    | InlineExtension
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]
    align: str | None = None
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """One entry; `done` is None outside of task lists."""

    blocks: tuple["Block", ...]
    done: bool | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """`kind` is bullet, ordered, task or decision."""

    kind: str
    items: tuple[ListItem, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class CodeBlock:
    text: str
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """`kind` is info, note, tip, warning, error, success or custom."""

    kind: str
    blocks: tuple["Block", ...]
    title: str = ""
    background: str | None = None
    border: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Rule:
    pass


@dataclass(frozen=True, slots=True)
class Cell:
    blocks: tuple["Block", ...]
    header: bool = False
    colspan: int = 1
    rowspan: int = 1
    background: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Pictures on a line of their own, with an optional caption; `width` is a share of the text width in per cent."""

    images: tuple[Image, ...]
    caption: tuple[Inline, ...] = ()
    align: str | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Expand:
    title: str
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Column:
    width: float | None
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Layout:
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """Something made by an app or not known to us: its name and whatever text it carried."""

    name: str
    text: str = ""
    blocks: tuple["Block", ...] = ()


Block = (
    Paragraph | Heading | ListBlock | CodeBlock | Panel | Quote | Rule | Table | Figure | Expand | Layout | Extension
)


@dataclass(frozen=True, slots=True)
class Document:
    """What `parse` gives; `truncated` says that a limit cut the text, which the renderers show as well."""

    blocks: tuple[Block, ...] = field(default=())
    truncated: bool = False
