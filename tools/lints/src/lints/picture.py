"""The picture of the system for the README: boxes and arrows in, an SVG out."""

from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 1120, 620
_FONT = "font-family='Segoe UI, Noto Sans, Helvetica, Arial, sans-serif'"

_TIP = (
    "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
    "<path d='M0 0 L8 4 L0 8 z' fill='#5b6270'/></marker></defs>"
)


@dataclass(frozen=True)
class Box:
    """A part of the system: a service, a store, or what stands outside."""

    name: str
    about: tuple[str, ...]
    x: int
    y: int
    width: int = 220
    height: int = 84
    kind: str = "service"


@dataclass(frozen=True)
class Arrow:
    """A way of the data, by points; the label stands beside it."""

    points: tuple[tuple[int, int], ...]
    label: str = ""
    at: tuple[int, int] = (0, 0)
    anchor: str = "middle"


COLOURS = {
    "service": ("#eef4ff", "#2f5bd0"),
    "store": ("#f2f7f1", "#3f7d3a"),
    "outside": ("#f6f6f8", "#70757f"),
}

BOXES = (
    Box("Client apps", ("REST, WebSocket",), 30, 46, 200, 66, "outside"),
    Box("Jira", ("Cloud and Data Center",), 890, 46, 200, 66, "outside"),
    Box("api-gateway", ("REST API, search, filters,", "details, access rules"), 30, 190),
    Box("notifier", ("WebSocket: every node reads", "every partition"), 30, 420),
    Box("auth", ("users, sessions,", "EdDSA tokens, JWKS"), 320, 46, 200, 84),
    Box("export-worker", ("PDF in short-lived", "processes"), 320, 420),
    Box("jira-sync", ("backfill, polling, webhooks,", "rate budget, change feed"), 870, 190),
    Box("Postgres", ("mirror + change feed = outbox;", "row-level security per tenant"), 560, 190, 240, 84, "store"),
    Box("Kafka", ("jira.issues · sync · export ·", "access events"), 320, 290, 200, 76, "store"),
    Box("Redis", ("cache and limits,", "never the truth"), 320, 190, 200, 76, "store"),
    Box("Object storage (S3)", ("PDF files",), 610, 420, 190, 84, "store"),
)

ARROWS = (
    Arrow(((130, 112), (130, 190)), "HTTP", (138, 156), "start"),
    Arrow(((18, 90), (18, 462), (30, 462))),
    Arrow(((250, 206), (286, 206), (286, 88), (320, 88)), "sign in", (278, 150), "end"),
    Arrow(((250, 226), (320, 226))),
    Arrow(((250, 250), (300, 250), (300, 278), (540, 278), (540, 244), (560, 240)), "reads", (420, 273)),
    Arrow(((870, 232), (800, 232)), "writes", (835, 224)),
    Arrow(((980, 190), (980, 112)), "pages, refetch by id", (972, 156), "end"),
    Arrow(((1030, 112), (1030, 190)), "webhooks", (1038, 156), "start"),
    Arrow(((680, 274), (680, 328), (520, 328)), "relay: ordered, at least once", (600, 346), "middle"),
    Arrow(((320, 328), (140, 328), (140, 420)), "events", (230, 320)),
    Arrow(((420, 366), (420, 420)), "requests", (428, 398), "start"),
    Arrow(((540, 462), (610, 462)), "chunks", (575, 454)),
)


def system_picture() -> str:
    """The whole picture."""
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' {_FONT} role='img'>",
        "<title>Jira Export: how data flows between Jira, the five services and client apps</title>",
        _TIP,
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>",
        *(_arrow(arrow) for arrow in ARROWS),
        *(_box(box) for box in BOXES),
        _note(30, 556, "A webhook is a hint: the issue is fetched again by its id, stored with its change row in one"),
        _note(
            30,
            578,
            "transaction, ordered by one leased sequencer, and only then published. Losing the bus loses nothing.",
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    fill, stroke = COLOURS[box.kind]
    middle = box.x + box.width // 2
    rectangle = (
        f"<rect x='{box.x}' y='{box.y}' width='{box.width}' height='{box.height}' rx='9' "
        f"fill='{fill}' stroke='{stroke}' stroke-width='1.6'/>"
    )
    name = (
        f"<text x='{middle}' y='{box.y + 27}' font-size='17' font-weight='600' fill='{stroke}' "
        f"text-anchor='middle'>{escape(box.name)}</text>"
    )
    lines = [rectangle, name]
    for number, text in enumerate(box.about):
        lines.append(
            f"<text x='{middle}' y='{box.y + 48 + 18 * number}' font-size='13' fill='#333a45' "
            f"text-anchor='middle'>{escape(text)}</text>"
        )
    return "\n".join(lines)


def _arrow(arrow: Arrow) -> str:
    points = " ".join(f"{x},{y}" for x, y in arrow.points)
    line = f"<polyline points='{points}' fill='none' stroke='#5b6270' stroke-width='1.5' marker-end='url(#tip)'/>"
    if not arrow.label:
        return line
    x, y = arrow.at
    place = f"x='{x}' y='{y}' font-size='12' fill='#5b6270' text-anchor='{arrow.anchor}'"
    return f"{line}\n<text {place}>{escape(arrow.label)}</text>"


def _note(x: int, y: int, text: str) -> str:
    return f"<text x='{x}' y='{y}' font-size='14' fill='#333a45'>{escape(text)}</text>"
