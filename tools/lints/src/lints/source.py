"""A Python file and its syntax tree, and where in the project it stands."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One file, by its path from the project's root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).parts

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts and "src" not in self.parts

    @property
    def is_source(self) -> bool:
        return "src" in self.parts

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node

    def marked(self, node: ast.stmt | ast.expr, marker: str) -> bool:
        """Whether a comment `# marker: reason` stands on the node's lines or on the line before it."""
        last = node.end_lineno or node.lineno
        near = self.lines[max(0, node.lineno - 2) : last]
        return any(f"# {marker}: " in line for line in near)


def dotted(node: ast.AST) -> str:
    """`app.jira.fetch` for an attribute chain, `` for anything else in it."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else node.attr
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return ""


def python_files(root: Path) -> Iterator[Source]:
    """The project's own Python files, without environments and run directories."""
    for top in ("libs", "services", "tests", "tools", "benchmarks"):
        for file in sorted((root / top).rglob("*.py")):
            relative = file.relative_to(root)
            if not {".venv", ".run", "node_modules", "build"} & set(relative.parts):
                yield Source(str(relative), file.read_text())
