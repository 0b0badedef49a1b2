"""A seed and a size in, a text with the blocks people use in Jira out, built only when it is read."""

import random
from typing import Literal

from jira_simulator.generate.words import (
    CJK_SENTENCES,
    CODE,
    EMOJI,
    HEADINGS,
    RUSSIAN_SENTENCES,
    SENTENCES,
)
from jira_simulator.text.blocks import (
    Block,
    Blocks,
    Code,
    Heading,
    Image,
    Inline,
    Inlines,
    Items,
    LineBreak,
    Mention,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
    plain,
)
from jira_simulator.text.document import Text

Language = Literal["en", "ru", "cjk"]
_POOLS = {"en": SENTENCES, "ru": RUSSIAN_SENTENCES, "cjk": CJK_SENTENCES}


class GeneratedText(Text):
    """Keeps a seed instead of the text, so that fifty thousand issues fit into memory."""

    __slots__ = ("_image", "_language", "_mention", "_rich", "_seed")

    def __init__(
        self,
        seed: int,
        language: Language,
        *,
        rich: bool,
        mention: tuple[str, str] | None = None,
        image: str | None = None,
    ) -> None:
        self._seed = seed
        self._language: Language = language
        self._rich = rich
        self._mention = mention
        self._image = image

    def blocks(self) -> Blocks:
        rng = random.Random(self._seed)
        pool = _POOLS[self._language]
        if self._rich:
            blocks = _rich(rng, pool)
        else:
            blocks = [Paragraph(_sentences(rng, pool)) for _ in range(rng.choice((1, 1, 1, 2)))]
        if self._mention is not None:
            user, name = self._mention
            blocks.append(Paragraph((Run("Please have a look, "), Mention(user, name), Run("."))))
        if self._image is not None:
            blocks.append(Image(self._image))
        return tuple(blocks)


def _sentences(rng: random.Random, pool: tuple[str, ...]) -> Inlines:
    text = " ".join(rng.sample(pool, min(len(pool), rng.randint(1, 3))))
    if rng.random() < 0.12:
        text += " " + rng.choice(EMOJI)
    pieces: list[Inline] = [Run(text)]
    shape = rng.random()
    if shape < 0.15:
        pieces += [Run(" "), Run("Important", "strong"), Run(": "), Run(rng.choice(pool), "em")]
    elif shape < 0.3:
        number = rng.randint(100, 999)
        pieces += [Run(" See "), Run("the runbook", href=f"https://wiki.example.com/pages/{number}"), Run(".")]
    elif shape < 0.4:
        pieces += [LineBreak(), Run("Version "), Run(f"{rng.randint(1, 4)}.{rng.randint(0, 9)}", "code")]
    return tuple(pieces)


def _rich(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    blocks: list[Block] = [Paragraph(_sentences(rng, pool))]
    makers = (_list, _table, _code, _panel, _quote, _section, _rule)
    for maker in rng.sample(makers, rng.randint(1, 4)):
        blocks.extend(maker(rng, pool))
    return blocks


def _list(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    items = tuple(plain(rng.choice(pool)) for _ in range(rng.randint(2, 5)))
    return [Heading(2, plain(rng.choice(HEADINGS))), Items(rng.random() < 0.5, items)]


def _table(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    rows = tuple(
        (plain(f"Run {row}"), plain(str(rng.randint(20, 9000))), plain(rng.choice(("passed", "failed", "skipped"))))
        for row in range(1, rng.randint(3, 6))
    )
    del pool
    return [Table((plain("Attempt"), plain("Milliseconds"), plain("Result")), rows)]


def _code(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    language, text = rng.choice(CODE)
    return [Paragraph(plain(rng.choice(pool))), Code(language, text)]


def _panel(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    kind: Literal["info", "note", "warning"] = rng.choice(("info", "note", "warning"))
    return [Panel(kind, (plain(rng.choice(pool)), plain(rng.choice(pool))))]


def _quote(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    return [Quote((plain(rng.choice(pool)),))]


def _section(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    return [Heading(3, plain(rng.choice(HEADINGS))), Paragraph(_sentences(rng, pool))]


def _rule(rng: random.Random, pool: tuple[str, ...]) -> list[Block]:
    return [Rule(), Paragraph(_sentences(rng, pool))]
