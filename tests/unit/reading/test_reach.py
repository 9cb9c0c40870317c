"""Reach: what a folder or pattern would find, told before the file is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfscore.reading import find_sources, would_find

NAMES = ["o.parquet", "o.csv", "_o.csv", ".o.csv", "o.txt"]
FOLDERS = ["", "s", "s/t", "y=1", "y=1/m=2", "y=1/s", "_y=1", ".h", "new", "new/y=1"]
PATTERNS = [
    "m",
    "m/",
    "./m",
    "m/../m",
    "m/*",
    "m/*.csv",
    "m/*.parquet",
    "m/o.*",
    "m/.*",
    "m/[no].csv",
    "m/?.csv",
    "m/*/*.csv",
    "m/s/*.csv",
    "m/*/../*.csv",
    "m/**",
    "m/**.csv",
    "m/**/*.csv",
    "m/**/t/*",
    "m/**/s/**/*.csv",
    "**/*.csv",
    "*/s/o.csv",
    "m/.h/*",
    "other/*.csv",
    "m/s/*.parquet",
    "m/x.csv",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FOLDERS:
        if not name.startswith("new"):
            (tmp_path / "m" / name).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def finds(pattern: str | Path, path: Path) -> bool:
    """Make the file and look whether it is found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (path.parent / "other.parquet").touch()
    try:
        return path.resolve() in {found.resolve() for found in find_sources(pattern)}
    except ValueError:
        return False


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_is_what_would_be_found(folder: Path, pattern: str) -> None:
    paths = [folder / "m" / sub / name for sub in FOLDERS for name in NAMES]
    told = [would_find(pattern, path) for path in paths]
    assert told == [would_find(folder / pattern, path) for path in paths]
    assert told == [finds(pattern, path) for path in paths]
    assert any(told) == (not pattern.startswith(("other", "m/x")))


def test_the_new_folders_of_an_output_are_told_too(folder: Path) -> None:
    path = folder / "m" / "a" / "b" / "part-00000.csv"
    assert would_find("m/**/*.csv", path)
    assert would_find("m/*/b/*", path)
    assert not would_find("m/*/*.csv", path)
    assert not would_find("m/a*", path)
    assert not path.parent.exists()


@pytest.mark.parametrize("name", ["in[1].csv", "in1.csv"])
def test_a_name_finds_nothing_new(folder: Path, name: str) -> None:
    (folder / name).touch()
    assert not would_find(name, folder / "in1.csv")
    assert not would_find(name, folder / name)
    assert not would_find("-", folder / "-")


def test_links_hide_no_folder(folder: Path) -> None:
    (folder / "link").symlink_to("m", target_is_directory=True)
    (folder / "m" / "d=1").symlink_to(folder / "far", target_is_directory=True)
    (folder / "far").mkdir()
    for pattern in ("link", "link/*.csv", "l*/*.csv", "link/../m/*.csv"):
        assert would_find(pattern, folder / "m" / "o.csv")
        assert would_find(pattern, folder / "link" / "o.csv")
    for pattern in ("m", "link", "m/*/*.csv", "m/d=1/*", "m/**/*.csv"):
        assert would_find(pattern, folder / "far" / "o.csv")
        assert not would_find(pattern, folder / "o.csv")
