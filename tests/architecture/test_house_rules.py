"""Rules of the house that neither ruff nor import-linter can see."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

import cfscore as cf
from tests.architecture.source_tree import (
    PACKAGE,
    imported_names,
    parse,
    relative,
    source_files,
)

MOST_LINES_IN_A_FILE = 600
MOST_LINES_IN_A_FUNCTION = 60
NAMELESS_MODULES = {"common", "helpers", "helper", "misc", "util", "utils"}

# Checks of numpydoc.validate that a public docstring must pass. Left out are those
# that ask for examples, cross-references and extended summaries everywhere, and those
# on which ruff's D rules decide.
DOCSTRING_CHECKS = {
    "GL06",  # unknown section
    "GL07",  # sections in the wrong order
    "GL08",  # no docstring
    "GL10",  # directive without two colons
    "SS01",  # no summary
    "SS03",  # summary without a period
    "SS06",  # summary of more than one line
    "PR01",  # a parameter is not documented
    "PR02",  # a documented parameter does not exist
    "PR03",  # parameters in another order
    "PR04",  # parameter without a type
    "PR07",  # parameter without a description
    "PR10",  # no space before the colon
    "RT01",  # returns something, and does not say what
    "RT03",  # return value without a description
    "YD01",  # yields something, and does not say what
}

# What the scorer takes from ``explain``, in the terms of its engines and kernels.
USED_BY_SCORING = {
    "Explainer",
    "ForestExplainer",
    "PointsExplainer",
    "PointsRow",
    "catalogue_codes",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def package_files() -> list[Path]:
    return source_files(".py", under=PACKAGE)


def nodes(kind: type | tuple[type, ...]) -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of a kind in the package, with the place where it stands."""
    for path in package_files():
        for node in ast.walk(parse(path)):
            if isinstance(node, kind):
                yield f"{relative(path)}:{node.lineno}", node


def length_without_docstring(function: Function) -> int:
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return function.end_lineno - body[0].lineno + 1 if body else 0


def caught_names(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"everything"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind) for kind in kinds}


def test_the_package_is_found() -> None:
    assert len(package_files()) > 10


def test_no_file_is_too_long() -> None:
    lengths = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in source_files(".py")
    }
    too_long = {p: n for p, n in lengths.items() if n > MOST_LINES_IN_A_FILE}
    assert too_long == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{place} {function.name}": length_without_docstring(function)
        for place, function in nodes((ast.FunctionDef, ast.AsyncFunctionDef))
    }
    too_long = {p: n for p, n in lengths.items() if n > MOST_LINES_IN_A_FUNCTION}
    assert too_long == {}


def test_nothing_catches_every_exception() -> None:
    catch_alls = {"everything", "Exception", "BaseException"}
    offenders = [
        place
        for place, handler in nodes(ast.ExceptHandler)
        if caught_names(handler) & catch_alls
    ]
    assert offenders == []


def test_numba_is_imported_in_kernels_only() -> None:
    importers = {
        place.partition(":")[0]
        for place, node in nodes((ast.Import, ast.ImportFrom))
        if any(name.partition(".")[0] == "numba" for name in imported_names(node))
    }
    inside = {place for place in importers if "/_kernels/" in place}
    assert importers - inside == set()


def test_no_function_imports_cfscore_late() -> None:
    offenders = {
        f"{place} {function.name}"
        for place, function in nodes((ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        for name in imported_names(node)
        if name.partition(".")[0] == "cfscore"
    }
    assert offenders == set()


def test_modules_are_named_after_their_subject() -> None:
    names = {path.stem.strip("_"): relative(path) for path in source_files(".py")}
    assert {names[name] for name in names.keys() & NAMELESS_MODULES} == set()


def test_package_inits_hold_no_logic() -> None:
    offenders = [
        relative(path)
        for path in package_files()
        if path.name == "__init__.py"
        and path.parent != PACKAGE  # the lazy names are the one exception
        and any(
            isinstance(node, (ast.FunctionDef, ast.ClassDef))
            for node in ast.walk(parse(path))
        )
    ]
    assert offenders == []


def public_objects() -> dict[str, object]:
    """Return what users can name: public objects and their own public methods."""
    found = {}
    for module, names in (
        (cf, cf.__all__),
        (cf.datasets, cf.datasets.__all__),
        (cf.explain, set(cf.explain.__all__) - USED_BY_SCORING),
        (cf.features, cf.features.__all__),
        (cf.metrics, cf.metrics.__all__),
        (cf.outcomes, cf.outcomes.__all__),
        (cf.reports, cf.reports.__all__),
    ):
        for name in names:
            value = getattr(module, name)
            if inspect.isfunction(value) or inspect.isclass(value):
                found[f"{value.__module__}.{value.__qualname__}"] = value
    for path, value in list(found.items()):
        if inspect.isclass(value):
            found.update(
                (f"{path}.{name}", member)
                for name, member in vars(value).items()
                if not name.startswith("_")
                and isinstance(
                    member, (property, staticmethod, classmethod, FunctionType)
                )
            )
    return found


def test_public_docstrings_follow_numpydoc() -> None:
    pytest.importorskip("optbinning", reason="needs the train extra")
    pytest.importorskip("matplotlib", reason="needs the report extra")
    validate = pytest.importorskip("numpydoc.validate").validate
    faults = {
        path: wrong
        for path in public_objects()
        if (
            wrong := [
                f"{code}: {text}"
                for code, text in validate(path)["errors"]
                if code in DOCSTRING_CHECKS
            ]
        )
    }
    assert faults == {}
