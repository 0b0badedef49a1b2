"""One text in every form, and no text that takes long or crashes."""

import gzip
import json
import time
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_simulator.generate.texts import GeneratedText
from jira_simulator.text.document import AdfText, WikiText
from jira_simulator.text.from_adf import from_adf
from jira_simulator.text.from_wiki import from_wiki
from jira_simulator.text.to_adf import to_adf
from jira_simulator.text.to_wiki import to_wiki

MARKUP = Path(__file__).resolve().parents[5] / "shared" / "data" / "markup"
NODES = {
    "doc", "paragraph", "heading", "bulletList", "orderedList", "listItem", "codeBlock", "panel", "blockquote", "table",
    "tableRow", "tableHeader", "tableCell", "mediaSingle", "media", "rule", "text", "hardBreak", "mention",
}  # fmt: skip


def kinds(node):
    yield node["type"]
    for child in node.get("content", ()):
        yield from kinds(child)


def test_generated_texts_use_every_kind_of_block_and_survive_the_way_through_adf():
    seen = set()
    for seed in range(200):
        text = GeneratedText(seed, ("en", "ru", "cjk")[seed % 3], rich=True, mention=("u1", "Ann"), image="a.png")
        adf = text.adf()
        seen |= set(kinds(adf))
        assert to_adf(from_adf(adf)) == adf
        assert (
            GeneratedText(seed, ("en", "ru", "cjk")[seed % 3], rich=True, mention=("u1", "Ann"), image="a.png") == text
        )
    assert seen == NODES


@pytest.mark.parametrize(
    "wiki",
    [
        "h2. Title\n\nA *bold* and _soft_ word with {{code}}.",
        "* one\n* two\n\n# first\n# second",
        "||A||B||\n|1|2|",
        "{code:python}\nx = 1\n\ny = 2\n{code}",
        "{quote}Said{quote}",
        "See [the page|https://example.com/a] and [https://example.com/b].",
        "[~accountid:abc:1] please look",
        "!shot.png|thumbnail!",
        "before\n\n----\n\nafter",
    ],
)
def test_wiki_markup_survives_the_way_through_blocks(wiki):
    assert to_wiki(from_wiki(wiki), cloud=True) == wiki


def test_an_unknown_node_keeps_its_words():
    expand = {"type": "expand", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "inside"}]}]}
    document = {"type": "doc", "version": 1, "content": [expand, {"type": "blockCard", "attrs": {"url": "http://x"}}]}
    assert "inside" in AdfText(document).wiki()
    assert "http://x" in AdfText(document).wiki()
    assert AdfText(document).adf() == document


@given(st.text(alphabet=st.sampled_from("*_[]|!{}~#-h1. \n\\acode:quote"), max_size=300))
def test_any_markup_becomes_a_document(source):
    text = WikiText(source)
    assert text.wiki() == source
    assert text.adf()["type"] == "doc"
    text.html()


@pytest.mark.parametrize("piece", ["{", "[", "*a", "_a ", "!", "||", "{code}", "[~", "{quote}", "* \n", "[a|http://"])
def test_no_repetition_makes_the_parser_slow(piece):
    started = time.perf_counter()
    WikiText(piece * 20_000).adf()
    assert time.perf_counter() - started < 5


if MARKUP.exists():

    def test_real_wiki_texts_are_converted():
        with gzip.open(MARKUP / "wiki-to-adf.jsonl.gz", "rt") as lines:
            texts = [json.loads(line) for line in lines]
        assert len(texts) > 500
        for entry in texts:
            assert set(kinds(WikiText(entry["wiki"]).adf())) <= NODES

    def test_documents_are_valid_by_atlassians_schema():
        schema = json.loads((MARKUP / "adf-schema" / "adf-schema-57.7.22.full.json").read_text())
        with gzip.open(MARKUP / "wiki-to-adf.jsonl.gz", "rt") as lines:
            texts = [WikiText(json.loads(line)["wiki"]) for line, _ in zip(lines, range(60), strict=False)]
        made = [GeneratedText(seed, "en", rich=True, mention=("u1", "Ann"), image="a.png") for seed in range(40)]
        validator = jsonschema.Draft7Validator(schema)
        assert [text.wiki() for text in [*texts, *made] if not validator.is_valid(text.adf())] == []
