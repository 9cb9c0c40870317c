"""Table file: the bytes depend on the rows alone, and are a whole file or none."""

from __future__ import annotations

import gc
import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import OutputError
from cfscore.writing import HashedFile, open_table_file

N_ROWS = 250
LAYOUTS = ["parquet", "csv", "arrow"]


def make_table() -> pa.Table:
    """Return rows with nulls here and there, and reasons as dictionaries."""
    rng = np.random.default_rng(5)
    gaps = rng.random(N_ROWS) < 0.2
    codes = pa.array(rng.integers(0, 3, N_ROWS), pa.int16(), mask=gaps)
    return pa.table(
        {
            "id": pa.array([f"id {i}" for i in range(N_ROWS)], mask=gaps),
            "score": pa.array(rng.normal(size=N_ROWS), mask=gaps),
            "flag": pa.array(rng.random(N_ROWS) < 0.5, mask=gaps),
            "reason_1": pa.DictionaryArray.from_arrays(codes, ["A", "B", "C"]),
            "status": pa.array(np.zeros(N_ROWS), pa.uint8()),
        }
    )


TABLE = make_table()
DECODED = TABLE.set_column(3, "reason_1", TABLE["reason_1"].cast(pa.string()))


def write(path: Path, layout: str, cuts: list[int]) -> HashedFile:
    sink = HashedFile(path, path)
    bounds = [0, *sorted(cuts), N_ROWS]
    with open_table_file(sink, TABLE.schema, layout, row_group_rows=64) as file:
        for start, stop in pairwise(bounds):
            file.append(TABLE.slice(start, stop - start))
    assert file.n_rows == N_ROWS
    return sink


@pytest.mark.parametrize("layout", LAYOUTS)
@given(cuts=st.lists(st.integers(0, N_ROWS), max_size=12))
def test_bytes_do_not_depend_on_how_rows_come(
    tmp_path_factory: pytest.TempPathFactory, layout: str, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    whole, pieces = (
        write(folder / name, layout, c) for name, c in (("a", []), ("b", cuts))
    )
    assert whole.sha256 == pieces.sha256
    assert pieces.sha256 == hashlib.sha256((folder / "b").read_bytes()).hexdigest()
    assert pieces.n_bytes == (folder / "b").stat().st_size


def test_parquet_is_as_promised(tmp_path: Path) -> None:
    write(tmp_path / "a", "parquet", [])
    file = pq.ParquetFile(tmp_path / "a", page_checksum_verification=True)
    assert file.read().equals(DECODED)
    assert file.metadata.format_version == "2.6"
    assert file.metadata.metadata is None  # no schema of Arrow, no time
    sizes = [file.metadata.row_group(i).num_rows for i in range(4)]
    assert sizes == [64, 64, 64, 58]
    column = file.metadata.row_group(0).column(1)
    assert (column.compression, column.has_dictionary_page) == ("SNAPPY", False)


def test_flipped_bit_in_a_page_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, "parquet", [])
    column = pq.read_metadata(path).row_group(0).column(1)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + column.total_compressed_size - 1] ^= 1
    path.write_bytes(data)
    with (
        pq.ParquetFile(path, page_checksum_verification=True) as file,
        pytest.raises(OSError, match=r"(?i)crc"),
    ):
        file.read()


def test_csv_and_arrow_read_back(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "csv", [7])
    options = pa_csv.ConvertOptions(strings_can_be_null=True)
    found = pa_csv.read_csv(tmp_path / "a.csv", convert_options=options)
    assert found.cast(DECODED.schema).equals(DECODED)
    write(tmp_path / "a.arrow", "arrow", [7])
    with pa.ipc.open_file(tmp_path / "a.arrow") as reader:
        assert reader.read_all().equals(DECODED)
        assert reader.num_record_batches == 4


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_rows_are_a_valid_file(tmp_path: Path, layout: str) -> None:
    sink = HashedFile(tmp_path / "a", tmp_path / "a")
    with open_table_file(sink, TABLE.schema, layout):
        pass
    readers = {
        "parquet": pq.read_table,
        "csv": pa_csv.read_csv,
        "arrow": lambda path: pa.ipc.open_file(path).read_all(),
    }
    found = readers[layout](tmp_path / "a")
    assert (found.num_rows, found.column_names) == (0, TABLE.column_names)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_failures_abandon_the_file(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = HashedFile(tmp_path / "a", tmp_path / "out")

    def fail() -> None:
        with open_table_file(sink, TABLE.schema, layout, row_group_rows=64) as file:
            file.append(TABLE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    written = sink.n_bytes
    gc.collect()  # a writer that ends only now, writes to nowhere
    assert (sink.n_bytes, sink.write(b"x")) == (written, 1)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("n_good", range(6))
def test_errors_of_the_system_come_out_as_they_went_in(
    tmp_path: Path, layout: str, n_good: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = HashedFile.write, iter(range(100))

    def write_until_full(self: HashedFile, data: object) -> int:
        if next(calls) >= n_good:
            msg = "Disk is full."
            raise OutputError(msg, code="ENOSPC")
        return real(self, data)

    monkeypatch.setattr(HashedFile, "write", write_until_full)
    sink = HashedFile(tmp_path / "a", tmp_path / "out")

    def run() -> None:
        with open_table_file(sink, TABLE.schema, layout, row_group_rows=64) as file:
            file.append(TABLE)

    with pytest.raises(OutputError) as caught:
        run()
    assert caught.value.code == "ENOSPC"
    monkeypatch.undo()
    gc.collect()
