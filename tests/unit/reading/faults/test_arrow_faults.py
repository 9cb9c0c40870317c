"""Arrow files and streams as they come: foreign memory is checked in full."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, UsageError
from cfscore.reading import (
    Bounds,
    ReadOptions,
    column_faults,
    find_sources,
    open_source,
    plan_units,
    read_unit,
)
from tests.unit.reading.reading import read, written

TABLE = pa.table({"use": [0.5, None, 0.1], "city": ["north", "", None]})
ROWS = {1: ("north", 0.5), 2: ("", None), 3: (None, 0.1)}


def ipc(table=TABLE, *, stream=False, chunk=None, compression=None) -> bytes:
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(sink, table.schema, options=options) as writer:
        writer.write_table(table, chunk)
    return sink.getvalue()


def refusal(path, options=None):
    with pytest.raises(InputError) as caught:
        read(path, options=options)
    assert "north" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("chunk", [1, 2, None])
def test_files_and_streams_are_read(tmp_path, compression, stream, chunk):
    data = ipc(stream=stream, chunk=chunk, compression=compression)
    for name in ("in.arrow", "in.feather", "in.ipc", "in.arrows"):
        path = written(tmp_path, data, name)
        assert read(path, ["city", "use"], batch_rows=2).rows == ROWS


def test_batches_of_a_file_are_units_small_ones_together(tmp_path):
    table = pa.table({"use": np.arange(400_000.0)})
    path = written(tmp_path, ipc(table, chunk=90_000), "in.arrow")
    source = open_source(path)
    assert source.n_rows == 400_000
    assert [(u.start, u.stop, u.first_row, u.n_rows) for u in plan_units([source])] == [
        (0, 2, 1, 180_000),
        (2, 4, 180_001, 180_000),
        (4, 5, 360_001, 40_000),
    ]
    assert read(path, batch_rows=50_000).rows[180_001] == (180_000.0,)


def test_batches_without_rows_are_read(tmp_path):
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, TABLE.schema) as writer:
        for table in (TABLE.slice(0, 0), TABLE, TABLE.slice(0, 0)):
            for batch in table.to_batches() or [
                pa.RecordBatch.from_pylist([], TABLE.schema)
            ]:
                writer.write_batch(batch)
    assert len(read(written(tmp_path, sink.getvalue(), "in.arrow")).rows) == 3


@pytest.mark.parametrize("n_bytes", [1, 9, 40, 300])
def test_a_file_cut_short_is_refused(tmp_path, n_bytes):
    path = written(tmp_path, ipc()[:-n_bytes], "in.arrow")
    assert refusal(path).code == "UNREADABLE"


def test_a_stream_cut_inside_a_batch_is_refused(tmp_path):
    data = ipc(stream=True)
    path = written(tmp_path, data[:-40], "in.arrow")
    assert refusal(path).code == "UNREADABLE"


def test_a_stream_cut_between_batches_is_a_shorter_one(tmp_path):
    # nothing in the stream tells: the number of rows must be known from elsewhere
    whole, half = (
        ipc(stream=True, chunk=1),
        ipc(TABLE.slice(0, 2), stream=True, chunk=1),
    )
    assert whole.startswith(half[:-8])
    path = written(tmp_path, half[:-8], "in.arrow")
    assert len(read(path).rows) == 2


def test_any_flipped_bit_is_read_or_refused_and_never_more(tmp_path):
    data = ipc()
    rng = np.random.default_rng(2)
    for position in rng.integers(8, len(data), 400).tolist():
        flipped = bytearray(data)
        flipped[position] ^= 1 << int(rng.integers(8))
        path = written(tmp_path, bytes(flipped), "in.arrow")
        try:
            read(path)
        except InputError:
            continue


def damaged_text(offsets, data) -> bytes:
    array = pa.Array.from_buffers(
        pa.string(),
        len(offsets) - 1,
        [None, pa.py_buffer(np.array(offsets, np.int32)), pa.py_buffer(data)],
    )
    batch = pa.RecordBatch.from_arrays([array], names=["city"])
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("offsets", "data"),
    [([0, 2, 5], b"ab\xff\xfe\xfd"), ([0, 4, 2], b"north"), ([0, 2, 4], b"a\xe4b\xb8")],
)
def test_damaged_texts_are_refused(tmp_path, offsets, data):
    path = written(tmp_path, damaged_text(offsets, data), "in.arrow")
    assert refusal(path).code == "UNREADABLE"


def test_positions_outside_of_a_dictionary_are_refused(tmp_path):
    coded = pa.DictionaryArray.from_arrays(
        pa.array([0, 7], pa.int8()), ["north", "east"], safe=False
    )
    path = written(tmp_path, ipc(pa.table({"city": coded})), "in.arrow")
    assert refusal(path).code == "UNREADABLE"


def test_dictionaries_that_change_in_a_stream_are_read(tmp_path):
    chunks = [pa.array([x]).dictionary_encode() for x in ("north", "east")]
    table = pa.table({"city": pa.chunked_array(chunks)})
    path = written(tmp_path, ipc(table, stream=True), "in.arrow")
    assert read(path).rows == {1: ("north",), 2: ("east",)}


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_a_batch_beyond_the_bound_is_refused_before_it_is_read(tmp_path, compression):
    table = pa.table({"use": np.zeros(1_000_000)})
    path = written(tmp_path, ipc(table, compression=compression), "in.arrow")
    options = ReadOptions(bounds=Bounds(max_stored_batch_bytes=4 << 20))
    before = pa.total_allocated_bytes()
    with pytest.raises(InputError, match="smaller batches") as caught:
        open_source(path, options)
    assert caught.value.code == "BATCH_TOO_LARGE"
    assert pa.total_allocated_bytes() - before < 1 << 20
    small = written(
        tmp_path, ipc(table, compression=compression, chunk=100_000), "in.arrow"
    )
    assert open_source(small, options).n_rows == 1_000_000


def test_rows_that_take_no_memory_are_bounded_too(tmp_path):
    table = pa.table({"use": pa.nulls(1_000_000)})
    path = written(tmp_path, ipc(table), "in.arrow")
    options = ReadOptions(bounds=Bounds(max_stored_batch_bytes=4 << 20))
    assert refusal(path, options).code == "BATCH_TOO_LARGE"


def test_a_dictionary_beyond_the_bound_is_refused(tmp_path):
    table = pa.table({"city": pa.array(["x" * 100_000]).dictionary_encode()})
    path = written(tmp_path, ipc(table, compression="zstd"), "in.arrow")
    options = ReadOptions(bounds=Bounds(max_stored_batch_bytes=50_000))
    assert refusal(path, options).code == "BATCH_TOO_LARGE"


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["a", None], pa.string_view()),
        pa.array(["a", None], pa.large_string()),
        pa.array(["a", None]).dictionary_encode(),
        pa.RunEndEncodedArray.from_arrays([1, 2], pa.array(["a", None])),
    ],
    ids=lambda array: str(array.type).partition("<")[0],
)
def test_every_form_of_text_is_read(tmp_path, array):
    path = written(tmp_path, ipc(pa.table({"city": array})), "in.arrow")
    assert column_faults(open_source(path), ["city"]) == []
    assert read(path).rows == {1: ("a",), 2: (None,)}


def test_an_extension_type_is_refused_and_runs_nothing(tmp_path):
    field = pa.field("use", pa.binary(), metadata={
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": b"cos\nsystem\n(S'exit 1'\ntR.",
    })  # fmt: skip
    table = pa.Table.from_arrays([pa.array([b"x"])], schema=pa.schema([field]))
    source = open_source(written(tmp_path, ipc(table), "in.arrow"))
    [(name, code, _)] = column_faults(source, ["use"])
    assert (name, code) == ("use", "UNSUPPORTED_TYPE")


# -------------------------------------------------------------- standard input


@pytest.fixture
def standard_input(monkeypatch):
    def give(data: bytes) -> Path:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        [path] = find_sources("-")
        return path

    return give


def test_a_stream_on_standard_input_is_read_once(standard_input):
    source = open_source(standard_input(ipc(stream=True, chunk=2)))
    assert (source.columns, source.n_rows, source.sha256()) == (
        ("use", "city"),
        None,
        None,
    )
    [unit] = plan_units([source])
    rows = [
        row
        for block in read_unit(source, unit, ["city"], 1)
        for row in zip(block.rows.tolist(), block.batch[0].to_pylist(), strict=True)
    ]
    assert rows == [(1, "north"), (2, ""), (3, None)]
    with pytest.raises(UsageError, match="once only"):
        list(read_unit(source, unit, ["city"], 1))


@pytest.mark.parametrize("data", [b"", b"use,city\n0.5,north\n", ipc()])
def test_standard_input_that_is_no_stream_is_refused(standard_input, data):
    with pytest.raises(InputError, match="not an Arrow stream") as caught:
        open_source(standard_input(data))
    assert caught.value.code == "UNKNOWN_FORMAT"


def test_rows_on_standard_input_are_bounded(standard_input):
    options = ReadOptions(bounds=Bounds(max_rows=2))
    source = open_source(standard_input(ipc(stream=True)), options)
    with pytest.raises(InputError, match="more than the 2 rows"):
        list(source.batches(["use"], 10))
