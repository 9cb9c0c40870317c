"""What an import may load, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRAINING_LIBRARIES = {
    "lightgbm",
    "matplotlib",
    "optbinning",
    "pandas",
    "polars",
    "scipy",
    "shap",
    "sklearn",
}
HEAVY_LIBRARIES = TRAINING_LIBRARIES | {
    "jinja2",
    "joblib",
    "llvmlite",
    "narwhals",
    "numba",
    "numpy",
    "openpyxl",
    "ortools",
    "pyarrow",
    "pyspark",
    "rich",
    "xlsxwriter",
}

# 30 modules with Python 3.11, the interpreter's own start-up not counted. Twice that
# leaves room for other versions of Python; a heavy import brings hundreds.
MOST_MODULES = 60


def modules_loaded_by(statement: str) -> set[str]:
    """Return the modules that are loaded after a statement in a new interpreter.

    Not by import time, which also lists modules that were looked for in vain: numba
    asks for scipy, and is told that there is none.
    """
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def modules_timed_by(statement: str) -> set[str]:
    """Return the modules whose import ``python -X importtime`` reports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"pass\n{statement}"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.count("|") == 2]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


def roots(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_import_cfscore_loads_no_third_party_library() -> None:
    assert roots(modules_timed_by("import cfscore")) & HEAVY_LIBRARIES == set()


def test_import_cfscore_loads_few_modules() -> None:
    added = modules_timed_by("import cfscore") - modules_timed_by("pass")
    assert "cfscore" in added
    assert len(added) <= MOST_MODULES, sorted(added)


@pytest.mark.parametrize("package", ["scoring", "explain"])
def test_scoring_packages_load_no_training_library(package: str) -> None:
    loaded = roots(modules_loaded_by(f"import cfscore.{package}"))
    assert loaded & TRAINING_LIBRARIES == set()
