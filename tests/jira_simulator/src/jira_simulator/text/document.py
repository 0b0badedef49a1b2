"""A text of an issue: kept in the form it was made with, answered in ADF, wiki markup, HTML or plain words."""

from abc import ABC, abstractmethod
from typing import Any

import orjson

from jira_simulator.text.blocks import Blocks, block_text
from jira_simulator.text.from_adf import from_adf
from jira_simulator.text.from_wiki import from_wiki
from jira_simulator.text.to_adf import to_adf
from jira_simulator.text.to_html import to_html
from jira_simulator.text.to_wiki import to_wiki


class Text(ABC):
    """Two texts are equal when their wiki markup is; that is what an edit compares."""

    __slots__ = ()

    @abstractmethod
    def blocks(self) -> Blocks: ...

    def adf(self) -> dict[str, Any]:
        return to_adf(self.blocks())

    def wiki(self, *, cloud: bool = True) -> str:
        return to_wiki(self.blocks(), cloud=cloud)

    def html(self) -> str:
        return to_html(self.blocks())

    def plain(self) -> str:
        return "\n".join(block_text(block) for block in self.blocks())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Text) and self.wiki() == other.wiki())

    def __hash__(self) -> int:
        return hash(self.wiki())


class WikiText(Text):
    """Written through REST v2, or loaded from an export: the markup comes back as it was given."""

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source

    def blocks(self) -> Blocks:
        return from_wiki(self.source)

    def wiki(self, *, cloud: bool = True) -> str:
        return self.source


class AdfText(Text):
    """Written through REST v3: the document comes back as it was given."""

    __slots__ = ("source",)

    def __init__(self, document: dict[str, Any]) -> None:
        self.source = orjson.dumps(document)

    def blocks(self) -> Blocks:
        return from_adf(self.adf())

    def adf(self) -> dict[str, Any]:
        document: dict[str, Any] = orjson.loads(self.source)
        return document


class BlockText(Text):
    """Made by a program from blocks."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    def blocks(self) -> Blocks:
        return self._blocks
