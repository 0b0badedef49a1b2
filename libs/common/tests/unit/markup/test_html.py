"""The renderer is safe by itself: even a tree that no parser would build cannot smuggle markup."""

from datetime import date

import pytest

from common.markup import Document, Resolver, parse, render_html
from common.markup.tree import DateStamp, Image, Marks, Paragraph, Text


def html(*nodes: Text | Image | DateStamp, resolver: Resolver | None = None) -> str:
    return render_html(Document((Paragraph(nodes),)), resolver)


@pytest.mark.parametrize(
    "marks", [Marks(href="javascript:alert(1)"), Marks(color="red;x:url(y)"), Marks(background="</b>")]
)
def test_marks_are_checked_again(marks: Marks) -> None:
    assert html(Text("x", marks)) == "<p>x</p>"


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "javascript:x", "//evil.example.com/a", "data:image/svg+xml;base64,AA==", "asset:../x"],
)
def test_a_picture_from_a_dangerous_address_is_a_box(address: str) -> None:
    assert html(Image(("a.png",)), resolver=Resolver(image=lambda _: address)) == (
        '<p><span class="jx-missing">a.png</span></p>'
    )


def test_days_are_written_as_the_resolver_says() -> None:
    resolver = Resolver(day=lambda day: f"{day:%d.%m.%Y}")
    assert (
        html(DateStamp(date(2024, 5, 1)), resolver=resolver) == '<p><time datetime="2024-05-01">01.05.2024</time></p>'
    )


def test_an_attachment_links_where_the_resolver_says() -> None:
    doc = parse("wiki", "[^a.txt]")
    assert '<a href="/api/v1/x"' in render_html(doc, Resolver(attachment={"a.txt": "/api/v1/x"}.get))
