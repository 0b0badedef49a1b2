"""ADF nodes in, the HTML and the plain text they must give; broken documents give what can be read of them."""

from typing import Any

import pytest

from common.markup import Resolver, parse, render_html, render_text, walk
from common.markup.tree import Image

RESOLVER = Resolver(image={"photo.png": "asset:1"}.get, mention={"u1": "Анна"}.get)


def t(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": list(marks)}


def n(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "attrs": attrs, "content": list(content)}


def p(*content: dict[str, Any]) -> dict[str, Any]:
    return n("paragraph", *content)


def mark(kind: str, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "attrs": attrs}


def html(*nodes: dict[str, Any]) -> str:
    return render_html(parse("adf", {"type": "doc", "version": 1, "content": list(nodes)}), RESOLVER)


def text(*nodes: dict[str, Any]) -> str:
    return render_text(parse("adf", {"type": "doc", "version": 1, "content": list(nodes)}), RESOLVER)


MARKS = [
    (mark("strong"), "<strong>x</strong>"),
    (mark("em"), "<em>x</em>"),
    (mark("code"), "<code>x</code>"),
    (mark("underline"), "<u>x</u>"),
    (mark("strike"), "<s>x</s>"),
    (mark("subsup", type="sub"), "<sub>x</sub>"),
    (mark("subsup", type="sup"), "<sup>x</sup>"),
    (mark("fontSize", fontSize="small"), "<small>x</small>"),
    (mark("textColor", color="#FF5630"), '<span style="color:#ff5630;">x</span>'),
    (mark("textColor", color="url(http://x)"), "x"),
    (mark("backgroundColor", color="#ccc"), '<span style="background-color:#ccc;">x</span>'),
    (mark("link", href="https://example.com?&"), '<a href="https://example.com?&amp;" rel="noopener noreferrer">x</a>'),
    (mark("link", href="javascript:alert(1)"), "x"),
    (mark("link", href=" JaVaScRiPt:alert(1)"), "x"),
    (mark("link", href='https://x"onclick="'), "x"),
    (mark("annotation", id="1"), "x"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), MARKS)
def test_a_mark_becomes_its_tag(given: dict[str, Any], expected: str) -> None:
    assert html(p(t("x", given))) == f"<p>{expected}</p>"


INLINE = [
    (n("hardBreak"), "<br/>", ""),
    (n("mention", id="u1", text="@anna"), '<span class="jx-mention">@Анна</span>', "@Анна"),
    (n("mention", id="u2", text="@Bob"), '<span class="jx-mention">@Bob</span>', "@Bob"),
    (n("emoji", shortName=":smile:", text="😄"), '<span class="jx-emoji" title=":smile:">😄</span>', "😄"),
    (n("emoji", shortName=":check_mark:"), '<span class="jx-emoji" title=":check_mark:">✅</span>', "✅"),
    (n("emoji", shortName=":ours:"), '<span class="jx-emoji" title=":ours:">:ours:</span>', ":ours:"),
    (n("date", timestamp="1714521600000"), '<time datetime="2024-05-01">2024-05-01</time>', "2024-05-01"),
    (n("date", timestamp="soon"), "soon", "soon"),
    (n("status", text="DONE", color="green"), '<span class="jx-status jx-status-green">DONE</span>', "DONE"),
    (n("status", text="X", color='"><b>'), '<span class="jx-status jx-status-neutral">X</span>', "X"),
    (
        n("inlineCard", url="https://example.com"),
        '<a href="https://example.com" rel="noopener noreferrer">https://example.com</a>',
        "https://example.com",
    ),
    (n("mediaInline", id="m1", alt="photo.png"), '<img src="asset:1" alt="photo.png"/>', "photo.png"),
    (n("mediaInline", id="m1"), '<span class="jx-missing">m1</span>', "m1"),
    (n("inlineExtension", extensionKey="toc"), '<span class="jx-extension-inline">toc</span>', "[toc]"),
    (n("placeholder", text="type here"), "type here", "type here"),
    (n("newThing", p(t("kept"))), "kept", "kept"),
    (n("newThing", text="kept"), '<span class="jx-extension-inline">kept</span>', "kept"),
]


@pytest.mark.parametrize(("node", "expected", "plain"), INLINE)
def test_an_inline_node_becomes_html_and_text(node: dict[str, Any], expected: str, plain: str) -> None:
    assert html(p(node)) == f"<p>{expected}</p>"
    assert text(p(node)) == plain


ITEM = n("listItem", p(t("a")))
CELL = n("tableCell", p(t("c")), colspan=2, rowspan=9, background="#EEE")
BLOCKS = [
    (n("heading", t("H"), level=3), "<h3>H</h3>"),
    (n("heading", t("H"), level="9"), "<h1>H</h1>"),
    (n("bulletList", ITEM), "<ul><li>a</li></ul>"),
    (n("orderedList", ITEM, order=4), '<ol start="4"><li>a</li></ol>'),
    (
        n("taskList", n("taskItem", t("a"), state="DONE")),
        '<ul class="jx-tasks"><li class="jx-task jx-done"><span class="jx-box">☑</span> a</li></ul>',
    ),
    (
        n("decisionList", n("decisionItem", t("a"))),
        '<ul class="jx-decisions"><li class="jx-decision"><span class="jx-box">◆</span> a</li></ul>',
    ),
    (
        n("codeBlock", t("if <b>"), language="py"),
        '<div class="jx-code"><pre><code data-language="py">if &lt;b&gt;</code></pre></div>',
    ),
    (n("panel", p(t("a")), panelType="warning"), '<div class="jx-panel jx-panel-warning"><p>a</p></div>'),
    (
        n("panel", p(t("a")), panelType="custom", panelColor="#fff", panelIconText="🙂"),
        ('<div class="jx-panel jx-panel-custom" style="background-color:#fff;">'
        '<div class="jx-panel-title">🙂</div><p>a</p></div>'),
    ),
    (n("blockquote", p(t("a"))), "<blockquote><p>a</p></blockquote>"),
    (n("rule"), "<hr/>"),
    (
        n("table", n("tableRow", n("tableHeader", p(t("h")))), n("tableRow", CELL)),
        ('<table class="jx-table"><thead><tr><th>h</th></tr></thead><tbody><tr>'
        '<td colspan="2" style="background-color:#eee">c</td></tr></tbody></table>'),
    ),
    (
        n("mediaSingle", n("media", alt="photo.png", width=20), n("caption", t("Fig")), layout="center", width=50),
        ('<figure class="jx-figure jx-center"><img src="asset:1" alt="photo.png" style="width:50%;"/>'
        "<figcaption>Fig</figcaption></figure>"),
    ),
    (
        n("mediaGroup", n("media", id="m", type="file")),
        '<figure class="jx-figure"><span class="jx-missing">m</span></figure>',
    ),
    (
        n("expand", p(t("a")), title="More"),
        '<div class="jx-expand"><div class="jx-expand-title">More</div><p>a</p></div>',
    ),
    (
        n("layoutSection", n("layoutColumn", p(t("a")), width=50)),
        '<div class="jx-layout"><div class="jx-column" style="flex-grow:50"><p>a</p></div></div>',
    ),
    (
        n("extension", extensionKey="chart", text="Pie"),
        '<div class="jx-extension"><div><span class="jx-extension-name">chart</span> Pie</div></div>',
    ),
    (
        n("somethingNew", p(t("kept"))),
        '<div class="jx-extension"><div><span class="jx-extension-name">somethingNew</span></div><p>kept</p></div>',
    ),
    (n("blockCard", url="ftp://x"), "<p>ftp://x</p>"),
    (t("loose"), "<p>loose</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "expected"), BLOCKS)
def test_a_block_node_becomes_its_html(node: dict[str, Any], expected: str) -> None:
    assert html(node) == expected


BROKEN: list[Any] = [
    None,
    3,
    True,
    [],
    {},
    {"type": 5},
    {"type": "doc"},
    {"type": "doc", "content": 7},
    {"type": "doc", "content": [None, 1, "x", []]},
    {"type": "doc", "content": [{"type": "paragraph", "content": {"a": 1}, "marks": "x", "attrs": []}]},
    {"type": "doc", "content": [{"type": "table", "content": [{"type": "tableRow", "content": [None, {}]}]}]},
    {"type": "doc", "content": [{"type": "heading", "attrs": {"level": float("nan")}}]},
    {"type": "doc", "content": [{"type": "orderedList", "attrs": {"order": float("inf")}, "content": [{}]}]},
    {"type": "doc", "content": [{"type": "date", "attrs": {"timestamp": "9" * 400}}]},
    {"type": "doc", "content": [{"type": "mention", "attrs": {"id": {"x": 1}, "text": None}}]},
    {"type": "doc", "content": [{"type": "text", "text": "\ud800\x00\x1f"}]},
    {"type": "doc", "content": [{"type": "text", "text": "a", "marks": [None, {"type": []}, {"type": "link"}]}]},
]


@pytest.mark.parametrize("raw", BROKEN)
def test_a_malformed_document_is_read_as_far_as_it_goes(raw: object) -> None:
    doc = parse("adf", raw)
    assert isinstance(render_html(doc), str)
    render_text(doc).encode()


def test_a_plain_string_is_kept_as_text() -> None:
    assert render_text(parse("adf", "just text")) == "just text"


@pytest.mark.parametrize("kind", ["bulletList", "panel", "blockquote", "expand", "table", "layoutSection", "unknown"])
def test_deep_nesting_keeps_its_text_and_costs_no_stack(kind: str) -> None:
    node = p(t("at the bottom"))
    for _ in range(5000):
        node = n(kind, n("listItem", node) if kind == "bulletList" else node)
    assert "at the bottom" in html(node)
    assert "at the bottom" in text(node)


def test_deep_inline_nesting_keeps_its_text() -> None:
    node = t("at the bottom")
    for _ in range(5000):
        node = n("newInline", node)
    assert text(p(node)) == "at the bottom"


def test_too_many_nodes_are_cut_visibly() -> None:
    doc = parse("adf", {"type": "doc", "content": [p(t("x"))] * 200_000})
    assert doc.truncated
    assert render_text(doc).endswith("[…]")


def test_walk_names_every_picture_in_reading_order() -> None:
    cell = n("tableCell", n("mediaGroup", n("media", id="b"), n("media", id="c")))
    doc = parse("adf", [p(n("mediaInline", id="a")), n("panel", n("table", n("tableRow", cell))), n("media", id="d")])
    assert [node.names[0] for node in walk(doc) if isinstance(node, Image)] == ["a", "b", "c", "d"]
