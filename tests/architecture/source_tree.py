"""The files of the repository, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "cfscore"

_GENERATED = {"__pycache__", "build", "demo-output", "dist", "htmlcov"}


def _is_source(part: str) -> bool:
    hidden = part.startswith(".") and part != ".ci"
    return not (hidden or part in _GENERATED or part.endswith(".egg-info"))


def source_files(*suffixes: str, under: Path = ROOT) -> list[Path]:
    """Return the files below a folder, generated and hidden ones left out."""
    return sorted(
        path
        for path in under.rglob("*")
        if all(_is_source(part) for part in path.relative_to(ROOT).parts[:-1])
        and path.is_file()
        and (not suffixes or path.suffix in suffixes)
    )


def relative(path: Path) -> str:
    """Return a path as it is written in a message."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(node: ast.AST) -> Iterator[str]:
    """Yield the absolute module names that an import statement names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "cfscore" if node.level else str(node.module)
