from hypothesis import given
from hypothesis import strategies as st

from api_gateway.domain.bodies import StoredBody, Surroundings, render, rendering_address
from api_gateway.domain.highlights import BEGIN, END, cleaned, marked

PLAIN = Surroundings("https://jira.example.com")


def test_an_address_changes_with_everything_that_the_rendering_depends_on() -> None:
    worlds = [
        PLAIN,
        Surroundings("https://other.example.com"),
        Surroundings("https://jira.example.com", {"a.png": "/x"}),
        Surroundings("https://jira.example.com", {}, {"bob": "Bob"}),
    ]
    bodies = [
        StoredBody("wiki", "x"),
        StoredBody("wiki", "y"),
        StoredBody("adf", {"text": "x"}),
        StoredBody("adf", "x"),
    ]
    addresses = {rendering_address(body, world.fingerprint()) for body in bodies for world in worlds}
    assert len(addresses) == len(worlds) * len(bodies)


def test_wiki_text_names_people_by_id() -> None:
    assert StoredBody("wiki", "[~bob] and [~accountid:5b:6] [x]").mentions() == {"bob", "5b:6"}
    assert StoredBody("adf", {"text": "[~bob]"}).mentions() == set()


@given(st.sampled_from(["adf", "wiki"]), st.text(max_size=200))
def test_any_stored_text_is_shown(kind: str, text: str) -> None:
    assert isinstance(render(StoredBody.of_text(kind, text), PLAIN).html, str)


@given(st.text(max_size=100))
def test_highlights_are_escaped_and_cannot_be_forged(text: str) -> None:
    html = marked(f"{BEGIN}hit{END} {cleaned(text, 80)}") or ""
    assert html.startswith("<mark>hit</mark>")
    assert html.count("<") == 2
    assert marked(cleaned(text, 80)) is None


def test_only_texts_that_may_show_files_ask_for_their_names() -> None:
    picture = {"type": "doc", "content": [{"type": "mediaSingle", "content": [{"type": "media"}]}]}
    assert StoredBody("wiki", "!a.png!").may_show_files()
    assert StoredBody("wiki", "see [^a.txt]").may_show_files()
    assert StoredBody("adf", picture).may_show_files()
    assert not StoredBody("wiki", "plain [link|https://example.com]").may_show_files()
    assert not StoredBody("adf", {"type": "doc", "content": []}).may_show_files()
