"""Files and functions stay readable: 400 and 50 lines, in tests 600 and 60; tables and contracts are free."""

import ast
import io
import tokenize
from collections.abc import Iterator

from lints.source import Finding, Source

RULE = "size"
_FREE = ("contracts", "migrations")


def check(source: Source) -> Iterator[Finding]:
    """Files and functions above the limits; comment blocks above three lines."""
    most_file, most_function = (600, 60) if source.is_test else (400, 50)
    if not any(part in _FREE for part in source.parts) and not source.path.endswith("tables.py"):
        if len(source.lines) > most_file:
            yield Finding(source.path, 1, RULE, f"{len(source.lines)} lines; split by subject at {most_file}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > most_function:
                    yield Finding(
                        source.path, node.lineno, RULE, f"{node.name} has {length} lines, at most {most_function}"
                    )
    yield from _long_comments(source)


def _long_comments(source: Source) -> Iterator[Finding]:
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    alone = {one.start[0] for one in tokens if one.type == tokenize.COMMENT and one.line.lstrip().startswith("#")}
    for line in sorted(alone):
        if {line - 1, line - 2, line - 3} <= alone and line - 4 not in alone:
            yield Finding(source.path, line, RULE, "a comment stops at three lines; longer goes to docs/")
