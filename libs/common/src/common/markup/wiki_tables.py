"""The lines of a wiki table come in, its cells' texts go out: `||head||head||` and `|cell|cell|`."""

import re
from dataclasses import dataclass

# Bars inside of links, pictures and monospace belong to the cell; each alternative stops at the next opening sign.
_PIECE = re.compile(r"\\.|\[[^\[\]\n]*\]|\{\{[^{}\n]*\}\}|!(?=[^\s!|])[^!\n|]*\|[^!\n|]*=[^!\n|]*!|(?P<bar>\|\|?)")


@dataclass(frozen=True, slots=True)
class CellText:
    text: str
    header: bool


def is_row(line: str) -> bool:
    return line.lstrip().startswith("|") and len(line.strip()) > 1


def is_complete(line: str) -> bool:
    return line.rstrip().endswith("|")


def split_row(row: str) -> list[CellText]:
    cells: list[CellText] = []
    start, header = 0, None
    for match in _PIECE.finditer(row):
        if match["bar"] is None:
            continue
        if header is not None:
            cells.append(CellText(row[start : match.start()].strip(), header))
        start, header = match.end(), match["bar"] == "||"
    rest = row[start:].strip()
    if header is not None and rest:
        cells.append(CellText(rest, header))
    return cells
