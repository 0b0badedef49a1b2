"""The frozen content of an issue comes in; what is printed, whom it mentions and which images it shows go out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from json import JSONDecodeError, loads
from typing import Any
from uuid import UUID

from common.issues.history_changes import Nameable, shown_changes
from common.issues.key_fields import without_hidden
from common.markup import Document, parse, walk
from common.markup.tree import Image, Mention
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

_LONGEST_CHANGE = 300


@dataclass(frozen=True, slots=True)
class WantedImage:
    """An attachment that texts show, under all the names by which they do."""

    attachment: UUID
    name: str
    size: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Printable:
    """A document, and what must be fetched or looked up before it can be rendered."""

    document: IssueDocument
    connection_id: UUID
    browse_url: str
    images: tuple[WantedImage, ...]
    people: tuple[str, ...]


def printable(content: Mapping[str, Any], as_of: datetime) -> Printable:
    document = _document(content, as_of)
    texts = [document.description, *(comment.body for comment in document.comments)]
    texts += [field.text for field in document.fields if field.text is not None]
    texts += [worklog.comment for worklog in document.worklogs if worklog.comment is not None]
    shown: dict[str, None] = {}
    people: dict[str, None] = {}
    for text in texts:
        for node in walk(text):
            if isinstance(node, Image):
                shown.update(dict.fromkeys(node.names))
            elif isinstance(node, Mention):
                people[node.id] = None
    return Printable(
        document=document,
        connection_id=UUID(content["connection_id"]),
        browse_url=content["base_url"].rstrip("/") + "/browse/",
        images=_wanted_images(shown, content["attachments"]),
        people=tuple(people),
    )


def _wanted_images(shown: Iterable[str], attachments: Sequence[Mapping[str, Any]]) -> tuple[WantedImage, ...]:
    """Of two attachments with one name the younger one is meant, as in Jira."""
    by_name: dict[str, Mapping[str, Any]] = {}
    for one in attachments:
        by_name[one["name"]] = one
        if one["media_id"]:
            by_name[one["media_id"]] = one
    names: dict[str, list[str]] = {}
    for name in shown:
        if name in by_name:
            names.setdefault(by_name[name]["id"], []).append(name)
    found = {one["id"]: one for one in attachments}
    return tuple(
        WantedImage(UUID(attachment), found[attachment]["name"], found[attachment]["size"], tuple(used))
        for attachment, used in names.items()
    )


def _document(content: Mapping[str, Any], as_of: datetime) -> IssueDocument:
    card, detail = content["card"], content["detail"]
    parent = card.get("parent") if content["parent_visible"] else None
    return IssueDocument(
        key=card["key"],
        summary=card["summary"],
        project=card["project"]["name"],
        type=card["type"]["name"],
        status=PrintedStatus(card["status"]["name"], card["status"].get("category") or "todo"),
        created=_moment(card["created"]),
        updated=_moment(card["updated"]),
        as_of=as_of,
        instance=content["instance"],
        url=card.get("url"),
        priority=_name(card.get("priority")),
        resolution=card.get("resolution"),
        resolved=_moment(card["resolved_at"]) if card.get("resolved_at") else None,
        due=date.fromisoformat(card["due_date"][:10]) if card.get("due_date") else None,
        assignee=_name(card.get("assignee")),
        reporter=_name(card.get("reporter")),
        security_level=detail.get("security_level"),
        sprint=_name(card.get("sprint")),
        parent=None if parent is None else PrintedParent(parent["key"], parent.get("summary") or ""),
        labels=tuple(card.get("labels") or ()),
        components=tuple(card.get("components") or ()),
        fix_versions=tuple(card.get("fix_versions") or ()),
        affects_versions=tuple(card.get("affects_versions") or ()),
        description=_body(detail.get("description")) or Document(),
        fields=tuple(_fields(detail, content.get("named", {}).get("hidden", ()))),
        links=tuple(_links(content["links"])),
        attachments=tuple(_attachments(content["attachments"])),
        comments=tuple(_comments(content["comments"])),
        worklogs=tuple(_worklogs(content["worklogs"])),
        history=tuple(_history(content["history"], _nameable(content))),
    )


def _name(member: Mapping[str, Any] | None) -> str | None:
    return None if member is None else member.get("name")


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _body(body: Mapping[str, Any] | None) -> Document | None:
    return None if body is None or body.get("raw") is None else parse(body["format"], body["raw"])


def _stored_text(form: str | None, text: str | None) -> Document:
    """Children keep an ADF document as JSON text, wiki text as it is."""
    if form == "adf":
        try:
            return parse("adf", loads(text or "null"))
        except (JSONDecodeError, RecursionError):
            return parse("wiki", text or "")
    return parse("wiki", text or "")


def _fields(detail: Mapping[str, Any], hidden: Sequence[str]) -> Iterable[PrintedField]:
    environment = _body(detail.get("environment"))
    if environment is not None and environment.blocks:
        yield PrintedField("Environment", text=environment)
    for field in without_hidden(detail.get("custom_fields") or (), hidden):
        value = field.get("value")
        if isinstance(value, dict) and value.get("type") == "doc":
            yield PrintedField(field["name"], text=parse("adf", value))
        elif field.get("display"):
            yield PrintedField(field["name"], value=field["display"])


def _links(links: Sequence[Mapping[str, Any]]) -> Iterable[PrintedLink]:
    for link in links:
        status = PrintedStatus(link["status"], link["category"] or "todo") if link["status"] else None
        yield PrintedLink(link["label"], link["key"], link["summary"] or "", status, link["url"])


def _attachments(attachments: Sequence[Mapping[str, Any]]) -> Iterable[PrintedAttachment]:
    for one in attachments:
        yield PrintedAttachment(
            one["name"], one["size"], one["media_type"] or "", one["author"] or "", _at(one["created"])
        )


def _comments(comments: Sequence[Mapping[str, Any]]) -> Iterable[PrintedComment]:
    for one in comments:
        visibility = one["visibility"]
        yield PrintedComment(
            author=one["author"] or "",
            created=_at(one["created"]),
            body=_stored_text(one["format"], one["body"]),
            edited=one["updated"] > one["created"],
            visibility=None if visibility is None else visibility.partition(":")[2] or visibility,
        )


def _worklogs(worklogs: Sequence[Mapping[str, Any]]) -> Iterable[PrintedWorklog]:
    for one in worklogs:
        comment = _stored_text(one["format"], one["body"]) if one["body"] else None
        yield PrintedWorklog(one["author"] or "", _at(one["started"]), one["seconds"], comment)


def _nameable(content: Mapping[str, Any]) -> Nameable:
    """What a history may name; content that was frozen before this was asked lets it name nothing."""
    named = content.get("named", {})
    return Nameable(
        issues=named.get("issues", ()),
        projects=[*named.get("projects", ()), *named.get("project_ids", ())],
        levels=named.get("levels", ()),
        every_project=bool(named.get("every_project")),
    )


def _history(history: Sequence[Mapping[str, Any]], may: Nameable) -> Iterable[PrintedHistoryEntry]:
    """An entry of which nothing may be shown is not there."""
    for one in history:
        changes = tuple(
            PrintedChange(change.get("field") or "", _short(change, "from"), _short(change, "to"))
            for change in shown_changes(one["changes"], may)
        )
        if changes:
            yield PrintedHistoryEntry(one["author"] or "", _at(one["at"]), changes)


def _short(change: Mapping[str, Any], side: str) -> str:
    """What stood before a rewrite of a long text is no reading matter; its beginning tells which text it was."""
    value = change.get(f"{side}_text")
    text = str(value if value is not None else change.get(side) or "")
    return text if len(text) <= _LONGEST_CHANGE else text[:_LONGEST_CHANGE].rstrip() + "…"
