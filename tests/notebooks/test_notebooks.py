"""Notebooks run from top to bottom, silently, and import public names only."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.font_manager  # noqa: F401 - builds its font cache, of which it tells
import nbformat
import pytest
from nbformat import NotebookNode

import cfscore as cf
from notebooks.refresh import NOTEBOOKS, execute, settle

MOST_BYTES = 1_500_000
DATA_FOLDER = "CFSCORE_TEST_DATA"

THIRD_PARTY = {"matplotlib", "numpy", "pandas"}
SUBPACKAGES = {
    f"cf.{name}"
    for name in ("datasets", "explain", "features", "metrics", "outcomes", "reports")
}
# A folder of one machine: of a person, of temporary files, or a drive.
MACHINE_PATH = re.compile(
    r"(?<![\w./-])/(?:home|root|work|Users|tmp|var|private)/|(?<!\w)[A-Za-z]:\\"
)

every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS]
)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def texts(notebook: NotebookNode) -> Iterator[str]:
    """Yield everything that can be read in a notebook: cells and their outputs."""
    for cell in notebook.cells:
        yield cell.source
    for output in outputs(notebook):
        yield output.get("text", "")
        for kind, content in output.get("data", {}).items():
            if not kind.startswith("image/"):
                yield str(content)


def complaints(notebook: NotebookNode) -> list[str]:
    """Return what went to stderr, warnings among it, and errors left in outputs."""
    return [
        output.get("text") or output.get("evalue", "")
        for output in outputs(notebook)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def trees(notebook: NotebookNode) -> Iterator[ast.Module]:
    for cell in code_cells(notebook):
        yield ast.parse(cell.source)


def foreign_imports(tree: ast.Module) -> list[str]:
    """Return the imports that are neither the library's, listed, nor standard."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        elif isinstance(node, ast.Import):
            if ast.unparse(node) == "import cfscore as cf":
                continue
            names = [alias.name for alias in node.names]
        else:
            continue
        allowed = THIRD_PARTY | sys.stdlib_module_names
        found += [name for name in names if name.partition(".")[0] not in allowed]
    return found


def identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.keyword | ast.arg):
            yield node.arg or ""
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def unknown_names(tree: ast.Module) -> list[str]:
    """Return names of the library, or of its subpackages, that are not in `__all__`."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = ast.unparse(node.value)
        if owner == "cf":
            public = cf.__all__
        elif owner in SUBPACKAGES:
            public = getattr(cf, owner.removeprefix("cf.")).__all__
        else:
            continue
        if node.attr not in public:
            found.append(f"{owner}.{node.attr}")
    return found


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@every_notebook
def test_runs_without_error_or_warning(path: Path, tmp_path: Path) -> None:
    if (
        DATA_FOLDER in path.read_text(encoding="utf-8")
        and DATA_FOLDER not in os.environ
    ):
        pytest.skip(f"needs the public data: {DATA_FOLDER} is not set")
    executed = execute(path, tmp_path)
    assert complaints(executed) == []
    assert [text for text in texts(executed) if MACHINE_PATH.search(text)] == []
    assert [text for text in texts(executed) if str(tmp_path) in text] == []
    assert list(tmp_path.iterdir()) == []  # it cleans up what it writes


@every_notebook
def test_is_committed_as_it_ran(path: Path) -> None:
    notebook = read(path)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert complaints(notebook) == []
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))
    assert path.stat().st_size < MOST_BYTES


@every_notebook
def test_committed_form_is_what_refresh_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == settle(read(path))


@every_notebook
def test_names_no_folder_of_one_machine(path: Path) -> None:
    assert [text for text in texts(read(path)) if MACHINE_PATH.search(text)] == []


@every_notebook
def test_imports_public_names_only(path: Path) -> None:
    parsed = list(trees(read(path)))
    assert [name for tree in parsed for name in foreign_imports(tree)] == []
    assert [name for tree in parsed for name in unknown_names(tree)] == []
    names = {name for tree in parsed for name in identifiers(tree)}
    assert {name for name in names if name.startswith("_")} == set()


@pytest.mark.parametrize(
    "source",
    [
        "import cfscore",
        "from cfscore.binning import Binner",
        "import cfscore.binning._binner as b",
        "import cfscore as cf, sklearn",
        "from sklearn.base import clone",
        "from . import book",
    ],
)
def test_other_imports_are_seen(source: str) -> None:
    assert foreign_imports(ast.parse(source)) != []


@pytest.mark.parametrize(
    "source", ["cf.plan", "cf.datasets._book", "cf.metrics.brier", "cf.outcomes.cohort"]
)
def test_names_that_are_not_public_are_seen(source: str) -> None:
    assert unknown_names(ast.parse(source)) == [source]


@pytest.mark.parametrize("source", ["card._engine", "_x = 1", "import numpy._core"])
def test_leading_underscores_are_seen(source: str) -> None:
    assert any(name.startswith("_") for name in identifiers(ast.parse(source)))


@pytest.mark.parametrize(
    ("text", "names_a_machine"),
    [
        ("saved to /" + "tmp/abc/card.cfs", True),
        ('"/' + 'home/ann/book.csv"', True),
        ("C:" + "\\Users", True),
        ("run/scorecard.cfs", False),
        ("https://example.org/home/", False),
        ("goods/bads", False),
    ],
)
def test_machine_path_is_told_from_others(text: str, names_a_machine: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is names_a_machine


def test_what_differs_between_equal_runs_is_removed() -> None:
    cell = nbformat.v4.new_code_cell("frame.style", id="3f2a", execution_count=1)
    cell.metadata = {"execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"}}
    data = {"text/plain": "<Styler at 0x7f3d7bde1150>"}
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    text = settle(nbformat.v4.new_notebook(cells=[cell]))
    settled = nbformat.reads(text, as_version=4).cells[0]
    assert (settled.id, settled.metadata) == ("cell-01", {})
    assert settled.outputs[0].data["text/plain"] == "<Styler>"
