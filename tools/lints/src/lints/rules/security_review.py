"""The checked list of ASVS: every line is answered, every place that it points to exists, every "no" has its reason."""

import re
from collections.abc import Iterator
from pathlib import Path

from lints.source import Finding

PAGE = "docs/security/asvs.md"
#: Requirements of levels 1 and 2 of ASVS 5.0.0, by chapter.
WANTED = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}
_LINE = re.compile(r"^\| V(\d+)\.(\d+)\.(\d+) \| [12] \| .+ \| (yes|no|n\.a\.|operator) \| (.+) \|$", re.MULTILINE)
_PLACE = re.compile(r"`([A-Za-z0-9_.-]*/[^`*{}= ]+|\.[a-z]+|[a-z]+\.(?:lock|toml|md))`")
_REASON = 40


def check_page(root: Path) -> Iterator[Finding]:
    """What is wrong with the page."""
    text = (root / PAGE).read_text(encoding="utf-8")
    answered: dict[int, int] = {}
    for found in _LINE.finditer(text):
        chapter, answer, why = int(found[1]), found[4], found[5]
        answered[chapter] = answered.get(chapter, 0) + 1
        line = text.count("\n", 0, found.start()) + 1
        name = f"V{chapter}.{found[2]}.{found[3]}"
        for place in _PLACE.findall(why):
            if not place.startswith("/") and not (root / place).exists():
                yield Finding(PAGE, line, "asvs", f"{name} points to {place}, which is not there")
        if answer == "no" and len(why) < _REASON:
            yield Finding(PAGE, line, "asvs", f"{name} says no without a reason")
    for chapter, count in WANTED.items():
        if answered.get(chapter, 0) != count:
            yield Finding(PAGE, 1, "asvs", f"chapter {chapter} answers {answered.get(chapter, 0)} of {count} lines")
