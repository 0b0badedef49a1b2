"""For any text and any JSON: no exception, well-formed HTML from a closed set of tags, linear time."""

import re
import time
import xml.etree.ElementTree as ET  # our own output, never foreign XML
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.markup import Document, Resolver, parse, render_html, render_text

TAGS = {
    "root", "p", "br", "strong", "em", "u", "s", "sub", "sup", "cite", "small", "code", "span", "a", "h1", "h2", "h3",
    "h4", "h5", "h6", "ul", "ol", "li", "div", "pre", "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td",
    "figure", "figcaption", "img", "time",
}  # fmt: skip
STYLE = re.compile(
    r"((?:color|background-color|border-color):#[0-9a-f]{3,8};?|text-align:\w+;|margin-left:\d+em;|width:\d+%;"
    r"|flex-grow:[\d.]+)+"
)
PIECES = [
    "*", "_", "-", "+", "^", "~", "??", "{{", "}}", "{*}", "[", "]", "|", "||", "!", "\\", "\\\\", "\n", "\n\n", "\r\n",
    " ", "a", "Я", "界", "😀", "{code}", "{code:java}", "{noformat}", "{quote}", "{panel}", "{panel:title=<b>}",
    "{color:red}", "{color}", "{color:}", "h1. ", "bq. ", "* ", "# ", "** ", "- ", "----", "--", "---", "[~", "[^",
    ":)", "(x)", "https://example.com", "javascript:", "mailto:", "p.png", "|width=1", "A-1", "<", ">", '"', "&",
    "\x00", "\x01", "\x02", "\ud800", "{anchor:x}",
]  # fmt: skip

wiki_texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join)
values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from([*PIECES, "#ff0000"])
)
KINDS = [
    "text", "paragraph", "heading", "bulletList", "orderedList", "listItem", "taskList", "taskItem", "decisionList",
    "decisionItem", "codeBlock", "panel", "blockquote", "rule", "table", "tableRow", "tableCell", "tableHeader",
    "mediaSingle", "mediaGroup", "media", "mediaInline", "caption", "mention", "emoji", "date", "status", "inlineCard",
    "blockCard", "expand", "nestedExpand", "layoutSection", "layoutColumn", "hardBreak", "extension",
    "inlineExtension", "unknown", "doc",
]  # fmt: skip
ATTRS = [
    "level", "order", "id", "text", "alt", "url", "href", "color", "width", "height", "colspan", "rowspan", "state",
    "timestamp", "shortName", "panelType", "panelColor", "background", "title", "language", "layout", "type", "data",
]  # fmt: skip
attrs = st.dictionaries(st.sampled_from(ATTRS), values, max_size=4)
marks = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["strong", "link", "textColor", "subsup", "alignment", "x"]), "attrs": attrs}
    ),
    max_size=2,
)
nodes = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional={"attrs": attrs, "text": values, "marks": marks}),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)},
        optional={"attrs": st.one_of(attrs, values), "content": st.one_of(st.lists(inner, max_size=4), values)},
    ),
    max_leaves=25,
)
RESOLVERS = st.sampled_from([Resolver(), Resolver(*[lambda name: name] * 4), Resolver(image=lambda _: "asset:1")])


def check(doc: Document, resolver: Resolver) -> None:
    html = render_html(doc, resolver)
    for element in ET.fromstring(f"<root>{html}</root>").iter():  # noqa: S314 (our own output)
        assert element.tag in TAGS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            if name == "href":
                assert re.match(r"https?://|mailto:|asset:|/|data:image/", value, re.IGNORECASE)
            elif name == "src":
                assert re.match(r"https?://|asset:|/[^/]|/$|data:image/", value)
            elif name == "style":
                assert STYLE.fullmatch(value)
    render_text(doc, resolver).encode()


@settings(max_examples=300, deadline=None)
@given(wiki_texts, RESOLVERS)
def test_any_wiki_text_gives_well_formed_safe_html(text: str, resolver: Resolver) -> None:
    check(parse("wiki", text), resolver)


@settings(max_examples=300, deadline=None)
@given(st.lists(nodes, max_size=4), RESOLVERS)
def test_any_adf_gives_well_formed_safe_html(content: list[Any], resolver: Resolver) -> None:
    check(parse("adf", {"type": "doc", "content": content}), resolver)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=30))
def test_no_word_is_lost(word: str) -> None:
    for wiki in (word, f"*{word}*", f"* {word}", f"|{word}|", f"{{quote}}{word}{{quote}}", f"{{code}}{word}{{code}}"):
        assert word in render_text(parse("wiki", wiki))


def seconds(text: str) -> float:
    started = time.process_time()
    render_html(parse("wiki", text))
    return time.process_time() - started


SEEDS = [
    "*a ", "[", "{", "{{", "{{a", "!a", "!a.png|", "_", "{quote}", "{panel}", "{quote}{panel}", "|", "| |\n", "\\",
    "http://,", "http://)", "http://*", "{color:red}", "* a\n", "#*#* x\n", "{code", "*_-+^~", "((", "[a|", "[~",
    "|a\n", "|a|\n|b", "| [a|", "!x|y=", "{anchor:", "[a|http://x] ", "mailto:a@b.c,",
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_times_the_text_takes_about_ten_times_the_time(seed: str) -> None:
    small = min(seconds(seed * (8_000 // len(seed))) for _ in range(3))
    large = min(seconds(seed * (80_000 // len(seed))) for _ in range(2))
    # Quadratic time would be a hundred times; the constant covers the noise of a busy machine.
    assert large < 50 * small + 0.2
