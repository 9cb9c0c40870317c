from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cfscore.exceptions import OutputError
from cfscore.workflow._run_folder import _staged, check_run_folder, with_samples
from cfscore.workflow._sample_split import SampleSplit


def test_new_and_empty_folders_may_be_written(tmp_path: Path) -> None:
    check_run_folder(tmp_path / "new", overwrite=False)
    check_run_folder(tmp_path, overwrite=False)


def test_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        check_run_folder(tmp_path / "run", overwrite=True)


def test_other_files_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "thesis.docx").write_text("")
    with pytest.raises(OutputError, match=r"holds 1 other file\(s\)"):
        check_run_folder(tmp_path, overwrite=True)


def test_folder_appears_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "run"
    with _staged(folder) as stage:
        (stage / "points.csv").write_text("new")
        assert not folder.exists()
    assert (folder / "points.csv").read_text() == "new"
    assert [path.name for path in folder.parent.iterdir()] == ["run"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_failed_run_leaves_the_earlier_one(
    tmp_path: Path, error: type[BaseException]
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "points.csv").write_text("earlier")

    def fail() -> None:
        with _staged(folder) as stage:
            (stage / "points.csv").write_text("new")
            raise error

    with pytest.raises(error):
        fail()
    assert (folder / "points.csv").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_replaced_run_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "points.csv").write_text("earlier")
    with _staged(folder) as stage:
        (stage / "metrics.json").write_text("new")
    assert [path.name for path in folder.iterdir()] == ["metrics.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="'run' could not be written"),
        _staged(tmp_path / "file" / "run"),
    ):
        pass


def test_decisions_have_the_sample_of_their_outcome() -> None:
    """The first decision is one whose outcome nobody knows."""
    outcomes = pl.DataFrame({"y": [None, 0, None, 1, 0, 1]})
    split = SampleSplit(np.array([0, 2]), np.array([1]), np.array([3]))
    found = with_samples(outcomes, split)
    assert found["sample"].to_list() == [
        None, "development", None, "holdout", "development", "out_of_time",
    ]  # fmt: skip
    none = with_samples(pl.DataFrame({"y": [None]}, {"y": pl.Int8}), split_of_nothing())
    assert none.schema["sample"] == pl.String


def split_of_nothing() -> SampleSplit:
    nothing = np.array([], np.int64)
    return SampleSplit(nothing, nothing, nothing)
