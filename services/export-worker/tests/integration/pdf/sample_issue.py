"""A printed issue with every part filled, and pictures made on the spot: what the PDF tests render."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from common.markup import parse
from export_worker.domain.issue_document import (
    IssueDocument,
    PrintedAttachment,
    PrintedChange,
    PrintedComment,
    PrintedField,
    PrintedHistoryEntry,
    PrintedLink,
    PrintedParent,
    PrintedStatus,
    PrintedWorklog,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

DESCRIPTION = r"""The export of *large* issues stops on page _three_: [report|https://example.com], PROJ-7, [~anna].

h3. Steps to reproduce
# Open an issue with a table such as the one below
# Choose {{Export → PDF}} and wait
## The progress bar stops at 60 %
## Nothing is written to the log
# Press {{Cancel}}

h3. Expected
* The table is broken across pages, its header repeated
* Long words are broken: {{com.example.infrastructure.persistence.AbstractTransactionalRepositoryFactoryBean}}

{panel:title=Workaround|bgColor=#fdf6e6|borderColor=#c98a14}
Export to the clipboard first, then print. (!) Works only for small issues.
{panel}

||Browser||Version||Result||Время||
|Firefox|128|(/) fine|2,4 с|
|Chromium|131|(x) stops after *3* pages|—|
|Safari|18|(?) not tried|{color:red}не проверено{color}|

!diagram.png|width=420!

{code:java|title=Exporter.java}
public final class Exporter {
    /** Renders one issue; wide tables are the reason for {@link #fit}. */
    public byte[] render(Issue issue) throws RenderException {
        return pages.stream().map(page -> page.fit(COLUMN)).collect(reducing(EMPTY, this::join)); // 日本語
    }
}
{code}

{quote}
Wide tables have been a known problem since 2019; nobody has had the time.
{quote}

Кириллица: съешь же ещё этих мягких французских булок, да выпей чаю.

中文：导出的表格超出了页面宽度。日本語：表が広すぎます。한국어: 표가 너무 넓습니다.

Emoji: 😀 🎉 🚀 👍🏽 🧪 🥳 ✅ ⚠️ ❌. Ελληνικά, עברית, العربية, ไทย, ½ ≤ ∑ → ☃."""

ADF: dict[str, Any] = {
    "type": "doc",
    "version": 1,
    "content": [
        {
            "type": "paragraph",
            "content": [
                {"type": "mention", "attrs": {"id": "u-2", "text": "@Bob"}},
                {"type": "text", "text": " I can reproduce it, "},
                {"type": "status", "attrs": {"text": "blocked", "color": "red"}},
                {"type": "text", "text": " since "},
                {"type": "date", "attrs": {"timestamp": "1777420800000"}},
                {"type": "text", "text": ". What is left:"},
            ],
        },
        {
            "type": "taskList",
            "content": [
                {
                    "type": "taskItem",
                    "attrs": {"state": "DONE"},
                    "content": [{"type": "text", "text": "Find the cause"}],
                },
                {
                    "type": "taskItem",
                    "attrs": {"state": "TODO"},
                    "content": [{"type": "text", "text": "Write the fix"}],
                },
            ],
        },
        {
            "type": "panel",
            "attrs": {"panelType": "info"},
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "The limit is in the layout code."}]}
            ],
        },
    ],
}


def picture(width: int = 840, height: int = 300, kind: str = "PNG") -> bytes:
    image = Image.new("RGB", (width, height), "#eef4fc")
    draw = ImageDraw.Draw(image)
    for index in range(1, 8):
        x = width * index // 8
        draw.rectangle((x - width // 30, height - height * index // 10, x + width // 30, height), fill="#3b74c4")
    draw.line((0, height - 2, width, height - 2), fill="#1b1f27", width=4)
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def history(entries: int) -> tuple[PrintedHistoryEntry, ...]:
    people, steps = ("Анна Петрова", "Bob Stone", "田中 太郎"), ("To Do", "In Progress", "In Review", "Done")
    return tuple(
        PrintedHistoryEntry(
            people[index % 3],
            NOW - timedelta(hours=entries - index),
            (
                PrintedChange("Status", steps[index % 4], steps[(index + 1) % 4]),
                *([PrintedChange("Assignee", "", people[(index + 1) % 3])] if index % 4 == 0 else []),
            ),
        )
        for index in range(entries)
    )


ISSUE = IssueDocument(
    key="PROJ-42",
    summary="Export stops when a table is wider than the page – Экспорт широких таблиц",
    project="Export Engine",
    type="Bug",
    status=PrintedStatus("In Progress", "in_progress"),
    priority="High",
    assignee="Анна Петрова",
    reporter="田中 太郎",
    created=NOW - timedelta(days=40),
    updated=NOW - timedelta(hours=3),
    due=date(2026, 6, 1),
    sprint="Sprint 18",
    as_of=NOW,
    instance="jira.example.com",
    url="https://jira.example.com/browse/PROJ-42",
    labels=("export", "pdf", "очень-важно"),
    components=("Renderer", "Layout"),
    fix_versions=("2.4.0",),
    parent=PrintedParent("PROJ-1", "A better export", "https://jira.example.com/browse/PROJ-1"),
    description=parse("wiki", DESCRIPTION),
    fields=(
        PrintedField("Story points", "5"),
        PrintedField("Customer", "Example GmbH"),
        PrintedField("Root cause", text=parse("wiki", "The *column width* was taken from the first row only.")),
    ),
    links=(
        PrintedLink("blocks", "PROJ-51", "Release 2.4.0", PrintedStatus("To Do", "todo"), "https://example.com/1"),
        PrintedLink("sub-task", "PROJ-43", "Measure the columns", PrintedStatus("Done", "done")),
    ),
    attachments=(
        PrintedAttachment("diagram.png", 48_213, "image/png", "Bob Stone", NOW - timedelta(days=12)),
        PrintedAttachment("trace.log", 3_912_004, "text/plain", "Анна Петрова", NOW - timedelta(days=2)),
    ),
    comments=(
        PrintedComment("Анна Петрова", NOW - timedelta(days=3), parse("adf", ADF), edited=True),
        PrintedComment(
            "Bob Stone",
            NOW - timedelta(days=1),
            parse("wiki", "Fixed on the branch; please *review*. :)\n\nbq. Nobody has had the time.\n\nNow we have."),
            visibility="Developers",
        ),
    ),
    worklogs=(
        PrintedWorklog("Bob Stone", NOW - timedelta(days=1), 9000, parse("wiki", "Layout of columns")),
        PrintedWorklog("Анна Петрова", NOW - timedelta(days=2), 1800),
    ),
    history=history(60),
)

ASSETS = {"diagram.png": picture()}


def issue_with(wiki: str, **changes: Any) -> IssueDocument:
    """A short issue whose description is this wiki text."""
    empty = {"fields": (), "links": (), "attachments": (), "comments": (), "worklogs": (), "history": ()}
    return replace(ISSUE, **{**empty, "description": parse("wiki", wiki), **changes})
