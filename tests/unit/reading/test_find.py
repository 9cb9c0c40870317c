"""Finding: paths, folders and patterns become files, in order."""

from __future__ import annotations

import pytest

from cfscore.reading import ENDINGS, find_sources
from cfscore.reading._find import format_of


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(folder, pattern=""):
    return [str(p.relative_to(folder)) for p in find_sources(folder / pattern)]


def test_a_folder_is_its_files_of_known_formats_sorted(tmp_path):
    touch(tmp_path, "b.csv.gz", "a.PARQUET", "c.txt", "_c.csv", ".d.csv", "sub/e.csv")
    assert found(tmp_path) == ["a.PARQUET", "b.csv.gz"]


def test_folders_of_partitions_are_searched_in_depth(tmp_path):
    touch(tmp_path, "y=1/m=2/a.parquet", "y=1/b.parquet", "y=1/sub/c.parquet", "d.csv")
    assert found(tmp_path) == ["d.csv", "y=1/b.parquet", "y=1/m=2/a.parquet"]


def test_a_pattern_is_its_files_sorted(tmp_path):
    touch(tmp_path, "2.csv", "1.csv", "1.parquet", "x.csv/a.parquet", "s/3.csv")
    assert found(tmp_path, "*.csv") == ["1.csv", "2.csv"]
    assert found(tmp_path, "**/*.csv") == ["1.csv", "2.csv", "s/3.csv"]


def test_a_file_may_be_called_like_a_pattern(tmp_path):
    touch(tmp_path, "in[1].csv", "in1.csv")
    assert found(tmp_path, "in[1].csv") == ["in[1].csv"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_formats_are_told_by_the_ending(tmp_path, ending):
    assert format_of(tmp_path / f"a.b{ending.upper()}") == ENDINGS[ending]


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", "a.parquet.gz", "a.csv.xz"])
def test_other_endings_are_not_known(tmp_path, name):
    assert format_of(tmp_path / name) is None
