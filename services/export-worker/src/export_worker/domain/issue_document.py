"""One issue as it is printed: everything the PDF shows, already filtered by what the reader may see."""

from dataclasses import dataclass, field
from datetime import date, datetime

from common.markup import Document


@dataclass(frozen=True, slots=True)
class PrintedStatus:
    """`category` is todo, in_progress or done and gives the colour."""

    name: str
    category: str = "todo"


@dataclass(frozen=True, slots=True)
class PrintedParent:
    key: str
    summary: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedLink:
    """`relation` reads from this issue outwards: "blocks", "is blocked by", "sub-task"…"""

    relation: str
    key: str
    summary: str = ""
    status: PrintedStatus | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedField:
    """A custom field: a short display value, or a text with markup."""

    name: str
    value: str = ""
    text: Document | None = None


@dataclass(frozen=True, slots=True)
class PrintedComment:
    """`visibility` names the group or role the comment is restricted to."""

    author: str
    created: datetime
    body: Document
    edited: bool = False
    visibility: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedChange:
    field: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class PrintedHistoryEntry:
    author: str
    at: datetime
    changes: tuple[PrintedChange, ...]


@dataclass(frozen=True, slots=True)
class PrintedWorklog:
    author: str
    started: datetime
    seconds: int
    comment: Document | None = None


@dataclass(frozen=True, slots=True)
class PrintedAttachment:
    name: str
    size: int
    media_type: str = ""
    author: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueDocument:
    key: str
    summary: str
    project: str
    type: str
    status: PrintedStatus
    created: datetime
    updated: datetime
    as_of: datetime
    instance: str
    url: str | None = None
    priority: str | None = None
    resolution: str | None = None
    resolved: datetime | None = None
    due: date | None = None
    assignee: str | None = None
    reporter: str | None = None
    security_level: str | None = None
    sprint: str | None = None
    parent: PrintedParent | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    affects_versions: tuple[str, ...] = ()
    description: Document = field(default_factory=Document)
    fields: tuple[PrintedField, ...] = ()
    links: tuple[PrintedLink, ...] = ()
    attachments: tuple[PrintedAttachment, ...] = ()
    comments: tuple[PrintedComment, ...] = ()
    worklogs: tuple[PrintedWorklog, ...] = ()
    history: tuple[PrintedHistoryEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedNames:
    """What texts refer to by id: people by account id, key or name, and the address of issues (`…/browse/`)."""

    people: dict[str, str] = field(default_factory=dict)
    browse_url: str | None = None


@dataclass(frozen=True, slots=True)
class Brand:
    """What a tenant's documents carry: a name above, a colour of keys and links (#rrggbb), a line below."""

    name: str | None = None
    colour: str | None = None
    footer: str | None = None

    @property
    def fingerprint(self) -> str:
        return "\x1f".join(part or "" for part in (self.name, self.colour, self.footer)).strip("\x1f")


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """`language` is en or ru, `page` is A4 or Letter, `timezone` an IANA name."""

    language: str = "en"
    page: str = "A4"
    timezone: str = "UTC"
    comments: bool = True
    history: bool = True
    worklogs: bool = True
    attachments: bool = True
    fields: bool = True
    names: PrintedNames = field(default_factory=PrintedNames)
    brand: Brand = field(default_factory=Brand)
