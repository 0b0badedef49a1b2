"""The rows of an ADF table come in, rows whose spans stay inside the table go out."""

from collections.abc import Callable

from common.markup.adf_values import Budget, Node, attrs_of, children, integer, kind_of
from common.markup.limits import MAX_CELLS_SPAN
from common.markup.safety import safe_color
from common.markup.tree import Block, Cell, Row


def rows_of(table: Node, budget: Budget, blocks: Callable[[list[Node]], tuple[Block, ...]]) -> tuple[Row, ...]:
    nodes = children(table)
    rows: list[Row] = []
    for index, node in enumerate(nodes):
        if not budget.take_node():
            break
        inner = children(node) if kind_of(node) == "tableRow" else [node]
        cells: list[Cell] = []
        for child in inner:
            if not budget.take_node():
                break
            cells.append(_cell(child, len(nodes) - index, blocks))
        if cells:
            rows.append(Row(tuple(cells)))
    return tuple(rows)


def _cell(node: Node, rows_left: int, blocks: Callable[[list[Node]], tuple[Block, ...]]) -> Cell:
    kind, attrs = kind_of(node), attrs_of(node)
    return Cell(
        blocks=blocks(children(node) if kind in {"tableCell", "tableHeader"} else [node]),
        header=kind == "tableHeader",
        colspan=integer(attrs.get("colspan"), 1, 1, MAX_CELLS_SPAN),
        rowspan=integer(attrs.get("rowspan"), 1, 1, min(MAX_CELLS_SPAN, rows_left)),
        background=safe_color(attrs.get("background")),
    )
