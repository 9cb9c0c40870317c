from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.cli import main


def test_book_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "新 book"
    arguments = ["synthesize", str(folder), "--customers", "50", "--seed", "0"]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("cfscore: 50 applications, ")
    assert json.loads(out)["customers"] == 50
    assert pq.read_metadata(folder / "applications.parquet").num_rows == 50


def test_folder_that_cannot_be_made_is_5(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert main(["synthesize", str(tmp_path / "file" / "book")]) == 5
