from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.cli import main, synthesize
from cfscore.datasets import LOAN_BOOK_TABLES


def test_book_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "新 book"
    arguments = ["synthesize", str(folder), "--customers", "50", "--seed", "0"]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("cfscore: 50 customers, ")
    assert "dirty on purpose, seed 0 -> " in err
    told = json.loads(out)
    assert (told["customers"], told["seed"]) == (50, 0)
    for name in LOAN_BOOK_TABLES:
        n_rows = pq.read_metadata(folder / f"{name}.parquet").num_rows
        assert told["files"][f"{name}.parquet"]["rows"] == n_rows
    assert told["files"]["customers.parquet"]["rows"] == 50


def test_flat_table_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["synthesize", str(tmp_path), "--flat", "--customers", "50", "--json"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert err.startswith("cfscore: 50 applications, ")
    assert json.loads(out)["customers"] == 50
    assert pq.read_metadata(tmp_path / "flat_applications.parquet").num_rows == 50


def test_folder_that_cannot_be_made_is_5(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert main(["synthesize", str(tmp_path / "file" / "book")]) == 5


def test_long_work_is_told_every_half_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = iter([0.0, 10.0, 31.0, 31.0, 40.0])
    progress = synthesize._lines(lambda: next(seconds))
    for done in (1024, 2048, 3072):
        progress(done, 4096)
    assert capsys.readouterr().err == "cfscore: 2,048 of 4,096 customers\n"
