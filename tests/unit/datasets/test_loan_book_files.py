"""Loan book: files, manifest, hashes, the same rows in any size, the committed copy."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cfscore.datasets import (
    DIRTY_ROWS,
    INVARIANTS,
    LOAN_BOOK_TABLES,
    SPECIAL_CODES,
    synthesize,
    synthesize_flat,
)
from cfscore.datasets._loan_book import _book_files
from cfscore.exceptions import OutputError, UsageError

COMMITTED = Path(__file__).parents[3] / "data" / "synthetic"
TABLES = (*LOAN_BOOK_TABLES.values(), DIRTY_ROWS)
FILES = sorted([*(table.file_name for table in TABLES), "manifest.json"])

#: What could be taken for a telephone, card or identity number.
LONG_NUMBER = re.compile(r"\d{5,}")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_writes_the_tables_and_nothing_else(loan_book):
    assert sorted(content(loan_book)) == FILES
    for table in TABLES:
        schema = pq.read_schema(loan_book / table.file_name)
        assert schema.equals(table.schema), table.name


@pytest.mark.parametrize("text", ['{"format": "cfscore training run"}', "[]", "{"])
def test_a_manifest_of_something_else_is_not_lost(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(OutputError, match="of something else") as error:
        synthesize(tmp_path, customers=5)
    assert error.value.code == "EXISTS"
    assert content(tmp_path) == {"manifest.json": text.encode()}
    synthesize_flat(tmp_path, customers=5)
    assert path.read_text() == text


def test_a_book_is_replaced_by_another(tmp_path):
    synthesize(tmp_path, customers=5)
    first = content(tmp_path)
    synthesize(tmp_path, customers=6)
    assert content(tmp_path).keys() == first.keys()
    assert content(tmp_path)["manifest.json"] != first["manifest.json"]


def test_every_row_has_both_times(loan_book):
    for name, table in LOAN_BOOK_TABLES.items():
        times = pq.read_table(
            loan_book / table.file_name, columns=["event_time", "available_at"]
        )
        assert times["event_time"].null_count == 0, name
        nobody_knows = times.num_rows if name == "truth" else 0
        assert times["available_at"].null_count == nobody_knows, name


def test_no_cell_looks_like_a_number_of_a_person(loan_book):
    for table in TABLES:
        for column in table.columns:
            if column.arrow_type != "string" or column.name.startswith("status_"):
                continue
            cells = pq.read_table(loan_book / table.file_name, columns=[column.name])
            for text in pc.unique(cells.column(0)).to_pylist():
                assert text is None or not LONG_NUMBER.search(text), column.name


def test_the_same_book_has_the_same_bytes(tmp_path):
    for folder in ("a", "b", "b"):  # the second time over its own files
        synthesize(tmp_path / folder, customers=60, seed=4)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    synthesize(tmp_path / "c", customers=60, seed=5)
    assert (
        content(tmp_path / "c")["loans.parquet"]
        != content(tmp_path / "a")["loans.parquet"]
    )


def test_a_larger_book_begins_with_the_smaller(loan_book, tmp_path):
    synthesize(tmp_path, customers=300, seed=3)  # one block and a part of the next
    for table in LOAN_BOOK_TABLES.values():
        small = pq.read_table(tmp_path / table.file_name)
        large = pq.read_table(loan_book / table.file_name)
        assert small.num_rows < large.num_rows
        assert small.equals(large.slice(0, small.num_rows)), table.name


def test_rows_do_not_depend_on_how_many_are_held_at_once(tmp_path, monkeypatch):
    seen = []
    synthesize(tmp_path / "whole", customers=300, seed=1)
    monkeypatch.setattr(_book_files, "_PORTION_BLOCKS", 1)
    synthesize(
        tmp_path / "parts",
        customers=300,
        seed=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(256, 300), (300, 300)]
    for table in TABLES:
        parts = pq.ParquetFile(tmp_path / "parts" / table.file_name)
        assert parts.num_row_groups == 2
        whole = pq.read_table(tmp_path / "whole" / table.file_name)
        assert parts.read().equals(whole), table.name


def test_the_manifest_describes_the_files(tmp_path):
    manifest = synthesize(tmp_path, customers=40, seed=4)
    text = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert text == manifest.to_dict()
    assert (text["customers"], text["seed"], text["generator_version"]) == (40, 4, "2")
    assert text["snapshot_at"] == "2027-04-01T00:00:00Z"
    assert text["population_shift_at"] == "2026-01-01T00:00:00Z"
    assert text["macro_shock_at"] == "2026-04-01T00:00:00Z"
    assert text["special_codes"] == SPECIAL_CODES
    assert text["special_codes_in_raw_tables"].keys() == SPECIAL_CODES.keys()
    assert text["invariants"] == dict(INVARIANTS)
    for table in TABLES:
        data = (tmp_path / table.file_name).read_bytes()
        info = text["files"][table.file_name]
        assert info["size"] == len(data)
        assert info["sha256"] == hashlib.sha256(data).hexdigest()
        assert info["rows"] == pq.read_metadata(tmp_path / table.file_name).num_rows
        described = text["tables"][table.name]
        names = [column["name"] for column in described["columns"]]
        assert names == pq.read_schema(tmp_path / table.file_name).names
        assert set(described["key"]) <= set(names)
    assert text["files"]["dirty_rows.parquet"]["rows"] == manifest.n_dirty_rows
    assert text["tables"]["loans"]["references"]["application_id"] == "applications"


def test_tokens_of_different_things_differ(loan_book):
    for table in LOAN_BOOK_TABLES.values():
        (first, *_) = table.key
        if len(table.key) > 1 or table.name == "truth":
            continue
        tokens = pq.read_table(loan_book / table.file_name, columns=[first]).column(0)
        patterns = pc.match_substring_regex(tokens, "^[A-Z][a-p]{16}([a-p]{4})?$")
        assert pc.all(patterns).as_py(), table.name


@pytest.mark.parametrize("arguments", [{"customers": 0}, {"customers": "9"}])
def test_bad_arguments_write_nothing(tmp_path, arguments):
    with pytest.raises(UsageError, match="customers must be a whole number"):
        synthesize(tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="'out' could not be made"):
        synthesize(tmp_path / "out", customers=10)


def test_a_failure_leaves_the_earlier_book(tmp_path, monkeypatch):
    synthesize(tmp_path, customers=10, seed=1)
    earlier = content(tmp_path)

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_book_files, "describe_file", fail)
    with pytest.raises(KeyboardInterrupt):
        synthesize(tmp_path, customers=10, seed=2)
    assert content(tmp_path) == earlier


def test_needs_no_pandas(tmp_path):
    code = (
        "import sys; from cfscore.datasets import synthesize; "
        f"synthesize({str(tmp_path)!r}, customers=20); "
        "sys.exit(sorted({'pandas', 'scipy', 'numba', 'polars'} & sys.modules.keys()) "
        "or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class TestCommittedCopy:
    def test_is_what_the_generator_makes(self, tmp_path):
        manifest = json.loads((COMMITTED / "manifest.json").read_text(encoding="utf-8"))
        synthesize(tmp_path, manifest["customers"], manifest["seed"])
        for table in TABLES:
            committed: pa.Table = pq.read_table(COMMITTED / table.file_name)
            made = pq.read_table(tmp_path / table.file_name)
            assert committed.equals(made), table.name

    def test_hashes_match_its_manifest(self):
        manifest = json.loads((COMMITTED / "manifest.json").read_text(encoding="utf-8"))
        assert len(manifest["files"]) == len(TABLES)
        for name, info in manifest["files"].items():
            data = (COMMITTED / name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == info["sha256"]

    def test_is_small_and_explained(self):
        flat = ["flat_applications.parquet", "flat_manifest.json", "flat_truth.parquet"]
        found = sorted(path.name for path in COMMITTED.iterdir())
        assert found == sorted(["README.md", *FILES, *flat])
        assert sum(p.stat().st_size for p in COMMITTED.iterdir()) < 20_000_000
        text = (COMMITTED / "README.md").read_text(encoding="utf-8")
        for table in TABLES:
            assert f"`{table.file_name}`" in text
