"""From frozen content to what is printed."""

import json
from datetime import UTC, datetime
from uuid import UUID

from common.markup import render_text
from export_worker.domain.printing import printable

AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
OLD, NEW, MEDIA = (str(UUID(int=number)) for number in (1, 2, 3))


def content(**members: object):
    card = {
        "key": "ABC-1",
        "url": "https://jira.example.com/browse/ABC-1",
        "project": {"key": "ABC", "name": "Project"},
        "type": {"name": "Bug", "subtask": False},
        "summary": "Summary",
        "status": {"name": "Done", "category": "done"},
        "priority": None,
        "assignee": {"id": "ann", "name": "Ann"},
        "parent": {"key": "ABC-9", "summary": "Parent"},
        "due_date": "2026-12-01",
        "created": "2026-11-01T10:00:00.000Z",
        "updated": "2026-11-02T10:00:00.000Z",
        "resolved_at": None,
        **members.pop("card", {}),
    }
    whole = {
        "issue_id": str(UUID(int=8)),
        "connection_id": str(UUID(int=9)),
        "revision": 1,
        "instance": "Jira",
        "base_url": "https://jira.example.com/",
        "card": card,
        "detail": {"description": None},
        "parent_visible": True,
        "comments": [],
        "worklogs": [],
        "history": [],
        "attachments": [],
        "links": [],
    }
    return whole | members


def attachment(id_, name, media_id=None):
    return {
        "id": id_,
        "name": name,
        "size": 5,
        "media_type": "image/png",
        "media_id": media_id,
        "author": None,
        "created": 0,
    }


def test_a_parent_that_may_not_be_seen_is_not_printed():
    assert printable(content(), AS_OF).document.parent.key == "ABC-9"
    assert printable(content(parent_visible=False), AS_OF).document.parent is None


def test_of_two_images_with_one_name_the_younger_is_meant():
    found = printable(
        content(
            detail={"description": {"format": "wiki", "raw": "!a.png! !a.png|thumbnail!"}},
            attachments=[attachment(OLD, "a.png"), attachment(NEW, "a.png")],
        ),
        AS_OF,
    )
    assert [(str(image.attachment), image.names) for image in found.images] == [(NEW, ("a.png",))]


def test_images_are_found_by_media_id_in_comments_too():
    adf = {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "mediaSingle",
                "content": [{"type": "media", "attrs": {"type": "file", "id": "m-1", "collection": ""}}],
            },
            {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "ann", "text": "@Ann"}}]},
        ],
    }
    comment = {
        "author": "Ann",
        "created": 0,
        "updated": 5,
        "visibility": "role:Developers",
        "format": "adf",
        "body": json.dumps(adf),
    }
    found = printable(content(comments=[comment], attachments=[attachment(MEDIA, "b.png", "m-1")]), AS_OF)
    assert [str(image.attachment) for image in found.images] == [MEDIA]
    assert found.people == ("ann",)
    printed = found.document.comments[0]
    assert (printed.edited, printed.visibility) == (True, "Developers")


def test_an_attachment_that_no_text_shows_is_not_fetched():
    assert printable(content(attachments=[attachment(OLD, "a.png")]), AS_OF).images == ()


def test_a_broken_body_is_printed_as_text():
    comment = {"author": None, "created": 0, "updated": 0, "visibility": None, "format": "adf", "body": "{broken"}
    found = printable(content(comments=[comment]), AS_OF)
    assert "broken" in render_text(found.document.comments[0].body)


def test_long_rewrites_are_cut_in_the_history():
    change = {"field": "description", "from": None, "from_text": "x" * 5_000, "to": "1", "to_text": None}
    entry = {"author": "Ann", "at": 0, "changes": [change]}
    printed = printable(content(history=[entry]), AS_OF).document.history[0].changes[0]
    assert len(printed.before) == 301
    assert printed.after == "1"
