"""Flat table: files, manifest and hashes, and the committed copy."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.datasets import (
    APPLICATION_COLUMNS,
    SPECIAL_CODES,
    _synthesis,
    application_table,
    synthesize_flat,
    truth_table,
)
from cfscore.exceptions import OutputError, UsageError

COMMITTED = Path(__file__).parents[3] / "data" / "synthetic"
FILES = ["flat_applications.parquet", "flat_manifest.json", "flat_truth.parquet"]


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_writes_the_book_and_nothing_else(tmp_path):
    manifest = synthesize_flat(tmp_path / "new" / "folder", customers=300, seed=4)
    folder = tmp_path / "new" / "folder"
    assert list(content(folder)) == FILES
    applications = pq.read_table(folder / "flat_applications.parquet")
    assert applications.equals(application_table(300, seed=4))
    assert pq.read_table(folder / "flat_truth.parquet").equals(truth_table(300, seed=4))
    assert manifest.bads == sum(applications["bad"].to_pylist())
    assert manifest.bad_rate == manifest.bads / 300


def test_the_same_book_has_the_same_bytes(tmp_path):
    for folder in ("a", "b", "b"):  # the second time over its own files
        synthesize_flat(tmp_path / folder, customers=300, seed=4)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_portions_of_any_size_hold_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(_synthesis, "_PORTION_ROWS", 128)
    manifest = synthesize_flat(tmp_path, customers=300, seed=4)
    path = tmp_path / "flat_applications.parquet"
    assert pq.ParquetFile(path).num_row_groups == 3
    assert pq.read_table(path).equals(application_table(300, seed=4))
    assert manifest.bads == sum(application_table(300, seed=4)["bad"].to_pylist())


def test_the_manifest_describes_the_files(tmp_path):
    manifest = synthesize_flat(tmp_path, customers=300, seed=4)
    text = json.loads((tmp_path / "flat_manifest.json").read_text(encoding="utf-8"))
    assert text == manifest.to_dict()
    assert (text["customers"], text["seed"], text["generator_version"]) == (300, 4, "1")
    assert text["population_shift_at"] == "2026-01-01T00:00:00Z"
    assert text["macro_shock_at"] == "2026-04-01T00:00:00Z"
    assert text["special_codes"] == SPECIAL_CODES
    for name, info in text["files"].items():
        data = (tmp_path / name).read_bytes()
        assert info["size"] == len(data)
        assert info["sha256"] == hashlib.sha256(data).hexdigest()
        assert info["rows"] == 300
        described = [column["name"] for column in text["columns"][name]]
        assert described == pq.read_schema(tmp_path / name).names
    first = text["columns"]["flat_applications.parquet"][4]
    assert first["expected_direction"] == APPLICATION_COLUMNS[4].direction


@pytest.mark.parametrize("arguments", [{"customers": 0}, {"customers": "9"}])
def test_bad_arguments_write_nothing(tmp_path, arguments):
    with pytest.raises(UsageError, match="customers must be a whole number"):
        synthesize_flat(tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="'out' could not be made"):
        synthesize_flat(tmp_path / "out", customers=10)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_failure_leaves_the_earlier_book(tmp_path, monkeypatch):
    synthesize_flat(tmp_path, customers=20, seed=1)
    earlier = content(tmp_path)

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_synthesis, "describe_file", fail)
    with pytest.raises(KeyboardInterrupt):
        synthesize_flat(tmp_path, customers=20, seed=2)
    assert content(tmp_path) == earlier


def test_needs_no_pandas(tmp_path):
    # pyarrow imports it unasked in many places, where it is installed.
    code = (
        "import sys; from cfscore.datasets import synthesize_flat; "
        f"synthesize_flat({str(tmp_path)!r}, customers=50); "
        "sys.exit(sorted({'pandas', 'scipy', 'numba'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class TestCommittedCopy:
    def test_is_what_the_generator_makes(self):
        manifest = json.loads(
            (COMMITTED / "flat_manifest.json").read_text(encoding="utf-8")
        )
        rows, seed = manifest["customers"], manifest["seed"]
        applications = pq.read_table(COMMITTED / "flat_applications.parquet")
        assert applications.equals(application_table(rows, seed))
        truth = pq.read_table(COMMITTED / "flat_truth.parquet")
        assert truth.equals(truth_table(rows, seed))

    def test_hashes_match_its_manifest(self):
        manifest = json.loads(
            (COMMITTED / "flat_manifest.json").read_text(encoding="utf-8")
        )
        for name, info in manifest["files"].items():
            data = (COMMITTED / name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == info["sha256"]
