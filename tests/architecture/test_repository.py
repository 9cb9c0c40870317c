"""What the repository as a whole must and must not contain."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source_tree import PACKAGE, ROOT, relative, source_files

# The folder of one person's machine, as opposed to /tmp or /dev, which every one has.
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:home|root|work|Users)/")
REGISTRY = re.compile(r"index-url|find-links|trusted-host|://\S*/simple\b|@ file:")
CREDENTIALS = re.compile(r"://[^\s/:@]+:[^\s/@]+@")
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+")


def texts() -> list[tuple[str, str]]:
    """Return path and content of each text file, this one left out."""
    found = []
    for path in source_files():
        if path == Path(__file__).resolve():
            continue
        try:
            found.append((relative(path), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def project() -> dict:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in wanted if not PIN.fullmatch(line)] == []
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in wanted)
    }


def requirements_in_use() -> list[Requirement]:
    tables = project()
    extras = tables["project"]["optional-dependencies"]
    lines = [
        *tables["project"]["dependencies"],
        *extras["train"],
        *extras["report"],
        *tables["dependency-groups"]["dev"],
    ]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY, CREDENTIALS])
def test_no_file_names_one_machine(pattern: re.Pattern[str]) -> None:
    assert [path for path, text in texts() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("text", "names_a_machine"),
    [
        ("see " + "/home/" + "ann/book.csv", True),
        ('"' + "/Users/" + 'ann"', True),
        ("docs/home/start.md", False),
        ("https://example.org/home/", False),
        ("/tmp/book.csv", False),
    ],
)
def test_machine_path_is_told_from_others(text: str, names_a_machine: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is names_a_machine


def test_every_tested_requirement_is_pinned_above_its_floor() -> None:
    pinned = pins()
    faults = [
        str(requirement)
        for requirement in requirements_in_use()
        if not requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert faults == []


def test_changelog_has_an_unreleased_section() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, flags=re.MULTILINE)


def test_decisions_are_numbered_without_a_gap() -> None:
    records = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(name[:4]) for name in records]
    assert numbers == list(range(len(records)))


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile"]
)
def test_repository_holds(name: str) -> None:
    assert (ROOT / name).stat().st_size > 0


def test_package_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_ci_entry_is_executable() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
