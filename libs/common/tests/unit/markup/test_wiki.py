"""Wiki texts in, the HTML and the plain text they must give."""

import pytest

from common.markup import Resolver, parse, render_html, render_text

RESOLVER = Resolver(
    image={"photo.png": "asset:1", "https://example.com/a.png": "https://example.com/a.png"}.get,
    mention={"bob": "Bob Builder"}.get,
    issue={"PROJ-1": "https://jira.example.com/browse/PROJ-1"}.get,
)


def html(wiki: str) -> str:
    return render_html(parse("wiki", wiki), RESOLVER)


LINK = '<a href="https://example.com" rel="noopener noreferrer">'
PROJ = '<a href="https://jira.example.com/browse/PROJ-1" rel="noopener noreferrer">PROJ-1</a>'

INLINE = {
    "*bold*": "<strong>bold</strong>",
    "_it_ +in+ -de- ^up^ ~lo~": "<em>it</em> <u>in</u> <s>de</s> <sup>up</sup> <sub>lo</sub>",
    "??cite??": "<cite>cite</cite>",
    "{{a *b* < c}}": "<code>a *b* &lt; c</code>",
    "{{code}} and {{a\\{b}}": "<code>code</code> and <code>a{b</code>",
    "*a _b_ c*": "<strong>a </strong><em><strong>b</strong></em><strong> c</strong>",
    "snake_case_name 2*3*4 a-b-c": "snake_case_name 2*3*4 a-b-c",
    "__main__ **x**": "__main__ **x**",
    "x{*}f{*}y": "x<strong>f</strong>y",
    "*a* b* c": "<strong>a</strong> b* c",
    "*open _only": "*open _only",
    "*a _b* c_": "<strong>a _b</strong> c_",
    r"\*no\* \[a] \{x}": "*no* [a] {x}",
    r"a\\ b": "a<br/> b",
    r"C:\\temp\\x": r"C:\\temp\\x",
    "a -- b --- c": "a – b — c",
    "(/) :) (!)": '<span class="jx-emoji" title="(/)">✅</span> <span class="jx-emoji" title=":)">🙂</span> '
    '<span class="jx-emoji" title="(!)">⚠️</span>',
    "f(x) and 10:30": "f(x) and 10:30",
    "[text|https://example.com]": f"{LINK}text</a>",
    "[*b*|https://example.com]": f"{LINK}<strong>b</strong></a>",
    "[https://example.com]": f"{LINK}https://example.com</a>",
    "see https://example.com.": f"see {LINK}https://example.com</a>.",
    "(https://example.com)": f"({LINK}https://example.com</a>)",
    "[x|www.example.com]": LINK.replace(".com", ".com").replace("https://example", "https://www.example") + "x</a>",
    "[mailto:joe@example.com]": '<a href="mailto:joe@example.com" rel="noopener noreferrer">joe@example.com</a>',
    "[evil|javascript:alert(1)]": "[evil|javascript:alert(1)]",
    "[ERROR] no link": "[ERROR] no link",
    "[~bob] [~accountid:5b-1]": '<span class="jx-mention">@Bob Builder</span> <span class="jx-mention">@5b-1</span>',
    "[^log.txt] [log|^log.txt]": '<span class="jx-attachment">log.txt</span> <span class="jx-attachment">log</span>',
    "[PROJ-1] PROJ-1 UTF-8": f"{PROJ} {PROJ} UTF-8",
    "{color:red}r{color} n": '<span style="color:#ff0000;">r</span> n',
    "{color:#0a0}*g*{color}": '<span style="color:#0a0;"><strong>g</strong></span>',
    "{color:url(http://x)}n{color}": "n",
    "see !photo.png|width=30,height=9! here": 'see <img src="asset:1" alt="photo.png" width="30"/> here',
    "see !gone.png! here": 'see <span class="jx-missing">gone.png</span> here',
    "wow! nice!": "wow! nice!",
    "a {anchor:top}b": 'a <span class="jx-anchor" data-name="top"></span>b',
    '<script>"&': '&lt;script&gt;"&amp;',
}


@pytest.mark.parametrize(("wiki", "expected"), INLINE.items())
def test_a_line_becomes_its_html(wiki: str, expected: str) -> None:
    assert html(wiki) == f"<p>{expected}</p>"


BLOCKS = {
    "h1. A\nh6.B": "<h1>A</h1><h6>B</h6>",
    "a\nb\n\nc": "<p>a<br/>b</p><p>c</p>",
    "a\r\nb": "<p>a<br/>b</p>",
    "* a\n** b\n* c": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    "# a\n#* b\n# c": "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>",
    "- a\n- b": "<ul><li>a</li><li>b</li></ul>",
    "* a\n# b": "<ul><li>a</li></ul><ol><li>b</li></ol>",
    "* a\nmore": "<ul><li>a<br/>more</li></ul>",
    "-- a dash": "<p>– a dash</p>",
    "*bold* line\n*b* and": "<p><strong>bold</strong> line<br/><strong>b</strong> and</p>",
    "----": "<hr/>",
    "bq. said": "<blockquote><p>said</p></blockquote>",
    "a {quote}b\n\nc{quote} d": "<p>a</p><blockquote><p>b</p><p>c</p></blockquote><p>d</p>",
    "{quote}never closed": "<p>never closed</p>",
    "{code:java|title=A.java}\n  int *x*;\n{code}": '<div class="jx-code"><div class="jx-code-title">A.java</div>'
    '<pre><code data-language="java">  int *x*;</code></pre></div>',
    "{noformat}{code}*{noformat}": '<div class="jx-code"><pre><code>{code}*</code></pre></div>',
    "* a {code}x{code}\n* b": '<ul><li>a<div class="jx-code"><pre><code>x</code></pre></div></li><li>b</li></ul>',
    "{panel:title=T|bgColor=#eee|borderColor=red}in{panel}": '<div class="jx-panel jx-panel-custom" '
    'style="background-color:#eee;border-color:#ff0000;"><div class="jx-panel-title">T</div><p>in</p></div>',
    "||a||b||\n|1|2|": '<table class="jx-table"><thead><tr><th>a</th><th>b</th></tr></thead>'
    "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    "|[x|https://example.com]|two\nlines|": '<table class="jx-table"><tbody><tr>'
    f"<td>{LINK}x</a></td><td>two<br/>lines</td></tr></tbody></table>",
    "|* a\n* b|": '<table class="jx-table"><tbody><tr><td><ul><li>a</li><li>b</li></ul></td></tr></tbody></table>',
    "!photo.png|width=300!": '<figure class="jx-figure"><img src="asset:1" alt="photo.png" width="300"/></figure>',
    "{color:red}a\n\nb{color} c": '<p><span style="color:#ff0000;">a</span></p>'
    '<p><span style="color:#ff0000;">b</span> c</p>',
}


@pytest.mark.parametrize(("wiki", "expected"), BLOCKS.items())
def test_lines_become_their_blocks(wiki: str, expected: str) -> None:
    assert html(wiki) == expected


def test_plain_text_has_one_line_for_each_block() -> None:
    wiki = "h1. T\n\na *b*\n* one\n** two\n# three\n||h||\n|c|d|\n{code}x{code}\n!p.png!\n[~bob]\n(/)"
    assert render_text(parse("wiki", wiki), RESOLVER) == (
        "T\na b\n- one\n  - two\n1. three\nh\nc | d\nx\np.png\n@Bob Builder\n✅"
    )


def test_what_is_longer_than_the_limit_is_cut_visibly() -> None:
    doc = parse("wiki", "a " * 400_000)
    assert doc.truncated
    assert render_text(doc).endswith("[…]")
    assert "jx-truncated" in render_html(doc)


@pytest.mark.parametrize("raw", [None, 7, [], {}, b"x", ""])
def test_what_is_no_text_is_an_empty_document(raw: object) -> None:
    assert parse("wiki", raw).blocks == ()
