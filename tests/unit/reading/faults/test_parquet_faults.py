"""Parquet files as they come: damage, bombs and odd types, each told by name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import InputError, SchemaError
from cfscore.reading import (
    Bounds,
    ReadOptions,
    column_faults,
    find_sources,
    open_source,
    plan_units,
    read_unit,
)
from tests.unit.reading.reading import read

TABLE = pa.table({"use": [0.5, None, 0.1], "city": ["north", "", None]})


def parquet(folder, table=TABLE, **options):
    pq.write_table(table, folder / "in.parquet", **options)
    return folder / "in.parquet"


def code_of(path, options=None):
    with pytest.raises(InputError) as caught:
        read(path, options=options)
    assert "north" not in str(caught.value)
    return caught.value.code


def test_values_come_as_they_are_stored(tmp_path):
    found = read(parquet(tmp_path), ["city", "use"])
    assert found.rows == {1: ("north", 0.5), 2: ("", None), 3: (None, 0.1)}


@pytest.mark.parametrize("n_bytes", [5, 100, 300])
def test_a_file_cut_short_is_refused(tmp_path, n_bytes):
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:-n_bytes])
    assert code_of(path) == "UNREADABLE"


def pages_of(path):
    """Return where the pages of a file lie: all bytes before the footer."""
    data = path.read_bytes()
    return 4, len(data) - 8 - int.from_bytes(data[-8:-4], "little")


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_a_flipped_bit_of_a_page_is_refused_by_its_checksum(
    tmp_path, version, dictionary
):
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "use": rng.integers(0, 9, 200).astype(float),
            "city": rng.choice(["north", "east"], 200),
        }
    )
    path = parquet(
        tmp_path,
        table,
        write_page_checksum=True,
        data_page_version=version,
        use_dictionary=dictionary,
        compression="none",
        write_statistics=False,
    )
    data = path.read_bytes()
    expected = read(path).rows
    outcomes = set()
    for position in rng.integers(*pages_of(path), 150).tolist():
        flipped = bytearray(data)
        flipped[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        try:
            same = read(path).rows == expected
        except InputError as error:
            outcomes.add(error.code)
        else:
            # a bit of a page header that says nothing about the values
            outcomes.add("same" if same else "changed")
    assert outcomes <= {"UNREADABLE", "same"}
    assert "UNREADABLE" in outcomes


def test_a_flipped_bit_of_the_footer_never_ends_the_process(tmp_path):
    # pyarrow 26 aborts where it is asked for the columns of some damaged footers
    path = parquet(tmp_path)
    data = path.read_bytes()
    rng = np.random.default_rng(4)
    outcomes = set()
    for position in rng.integers(pages_of(path)[1], len(data), 400).tolist():
        flipped = bytearray(data)
        flipped[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        for options in (None, ReadOptions(require_checksums=True)):
            try:
                read(path, options=options)
            except InputError as error:
                outcomes.add(error.code)
    assert "UNREADABLE" in outcomes


def test_pages_without_checksum_are_read_unless_required(tmp_path):
    required = ReadOptions(require_checksums=True)
    path = parquet(tmp_path)
    assert len(read(path).rows) == 3
    assert code_of(path, required) == "NO_CHECKSUM"
    table = pa.table(
        {"use": np.arange(9_000.0), "city": ["north", "a" * 50, None] * 3_000}
    )
    path = parquet(
        tmp_path,
        table,
        write_page_checksum=True,
        row_group_size=2_000,
        data_page_size=1_000,
    )
    assert len(read(path, options=required).rows) == 9_000


def test_one_page_without_checksum_is_found(tmp_path):
    path = parquet(tmp_path, write_page_checksum=True, compression="none")
    data = bytearray(path.read_bytes())
    metadata = pq.read_metadata(path)
    chunk = metadata.row_group(0).column(1)
    # Field 4, a 32-bit integer one after field 3: make it field 4 of another type.
    place = data.index(b"\x15", chunk.data_page_offset + 6)
    assert data[place] == 0x15
    data[place] = 0x13  # one byte
    path.write_bytes(data)
    assert code_of(path, ReadOptions(require_checksums=True)) in (
        "NO_CHECKSUM",
        "UNREADABLE",
    )


@pytest.mark.parametrize("length", [1, 8_000])
def test_repeated_values_take_no_more_memory_than_a_batch(tmp_path, length):
    n_rows = 400_000
    city = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(n_rows, np.int32)), pa.array(["x" * length])
    )
    table = pa.table({"use": np.full(n_rows, 0.5), "city": city})
    path = parquet(tmp_path, table, store_schema=False)
    assert path.stat().st_size < 30_000
    bounds = Bounds(max_batch_bytes=4 << 20)
    source = open_source(path, ReadOptions(bounds=bounds))
    assert source.schema.field("city").type == pa.string()
    [unit] = plan_units([source])
    n_read, largest, previous = 0, 0, pa.total_allocated_bytes()
    for block in read_unit(source, unit, ["use", "city"], 1 << 20):
        n_read += block.n_rows
        largest = max(largest, pa.total_allocated_bytes() - previous)
    assert n_read == n_rows
    assert largest < 12 << 20


def test_prefix_encoded_texts_are_read_in_small_batches(tmp_path):
    table = pa.table({"city": ["x" * 10_000] * 5_000})
    path = parquet(
        tmp_path,
        table,
        use_dictionary=False,
        column_encoding={"city": "DELTA_BYTE_ARRAY"},
    )
    source = open_source(path)
    [unit] = plan_units([source])
    sizes = [b.n_rows for b in read_unit(source, unit, ["city"], 1 << 20)]
    assert sum(sizes) == 5_000
    assert max(sizes) <= 1_024


def test_too_many_rows_are_refused_by_the_footer(tmp_path):
    options = ReadOptions(bounds=Bounds(max_rows=2))
    assert code_of(parquet(tmp_path), options) == "TOO_MANY_ROWS"


def test_texts_come_as_codes_where_only_codes_are_wanted(tmp_path):
    table = pa.table({"city": ["north", None, "east"] * 5_000})
    path = parquet(tmp_path, table)
    source = open_source(path)
    [unit] = plan_units([source])
    for encoded, is_coded in ((("city",), True), ((), False)):
        [block] = read_unit(source, unit, ["city"], 1 << 20, encoded)
        column = block.batch.column("city")
        assert pa.types.is_dictionary(column.type) == is_coded
        assert column.to_pylist() == table.column("city").to_pylist()


def test_identifiers_are_not_read_as_codes(tmp_path):
    table = pa.table({"id": [f"{110101199003070000 + i}" for i in range(5_000)]})
    [block] = list(
        read_unit(
            source := open_source(parquet(tmp_path, table)),
            plan_units([source])[0],
            ["id"],
            1 << 20,
            ["id"],
        )
    )
    assert block.batch.schema.field("id").type == pa.string()


def test_row_groups_are_units_small_ones_together(tmp_path):
    table = pa.table({"use": np.arange(300_000.0)})
    path = parquet(tmp_path, table, row_group_size=50_000)
    units = plan_units([open_source(path)])
    assert [(u.start, u.stop, u.first_row, u.n_rows) for u in units] == [
        (0, 3, 1, 150_000),
        (3, 6, 150_001, 150_000),
    ]
    assert read(path, batch_rows=70_000).rows[150_001] == (150_000.0,)


def test_empty_row_groups_are_read(tmp_path):
    with pq.ParquetWriter(tmp_path / "in.parquet", TABLE.schema) as writer:
        for table in (TABLE.slice(0, 0), TABLE, TABLE.slice(0, 0)):
            writer.write_table(table)
    assert len(read(tmp_path / "in.parquet").rows) == 3


def test_a_file_without_rows_has_no_units(tmp_path):
    source = open_source(parquet(tmp_path, TABLE.slice(0, 0)))
    assert plan_units([source]) == []
    assert source.empty(["use"]).num_rows == 0


def test_repeated_names_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1.0])] * 2, names=["use", "use"])
    assert code_of(parquet(tmp_path, table)) == "SCHEMA"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([[1.0]], pa.list_(pa.float64())),
        ([{"a": 1}], pa.struct([("a", pa.int64())])),
        ([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ],
)
def test_nested_types_are_refused_where_they_are_wanted(tmp_path, cells, kind):
    table = pa.table({"use": pa.array(cells, kind), "city": ["north"]})
    source = open_source(parquet(tmp_path, table))
    for scored, kept in ((["use"], []), ([], ["use"])):
        [(name, code, found)] = column_faults(source, scored, kept)
        assert (name, code) == ("use", "UNSUPPORTED_TYPE")
        assert "no single value" in found
    assert column_faults(source, ["city"]) == []
    assert read(source.path, ["city"]).rows == {1: ("north",)}


@pytest.mark.parametrize(
    ("cells", "kind", "scored"),
    [
        ([Decimal("1.20")], pa.decimal128(10, 2), True),
        ([Decimal("1.20")], pa.decimal256(50, 2), True),
        ([2**64 - 1], pa.uint64(), True),
        ([1.5], pa.float32(), True),
        ([b"ab"], pa.binary(), False),
        ([dt.date(2026, 2, 28)], pa.date32(), False),
        ([dt.datetime(2026, 2, 28, 1, 2, 3)], pa.timestamp("us"), False),
        ([dt.datetime(2026, 2, 28, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"), False),
    ],
)
def test_plain_types_are_read_exactly(tmp_path, cells, kind, scored):
    source = open_source(parquet(tmp_path, pa.table({"x": pa.array(cells, kind)})))
    assert (column_faults(source, ["x"]) == []) == scored
    assert column_faults(source, [], ["x"]) == []
    assert read(source.path).rows == {1: (cells[0],)}


def test_nanosecond_times_of_old_writers_are_kept(tmp_path):
    moment = dt.datetime(2026, 2, 28, 1, 2, 3)
    table = pa.table({"x": pa.array([moment], pa.timestamp("us"))})
    path = parquet(tmp_path, table, use_deprecated_int96_timestamps=True)
    assert str(read(path).rows[1][0]).startswith("2026-02-28 01:02:03")


def test_an_encrypted_footer_is_told(tmp_path):
    path = tmp_path / "in.parquet"
    path.write_bytes(b"PARE" + bytes(100) + b"PARE")
    with pytest.raises(InputError, match=r"encrypted Parquet.*Decrypt") as caught:
        open_source(path)
    assert caught.value.code == "UNKNOWN_FORMAT"


# ----------------------------------------------------------------- partitions


def hive(folder, *parts):
    place = folder.joinpath("book", *parts)
    place.mkdir(parents=True)
    return parquet(place)


def test_folders_of_a_partition_are_columns(tmp_path):
    hive(tmp_path, "year=2025", "branch=S%C3%A3o Paulo")
    hive(tmp_path, "year=2026", "branch=__HIVE_DEFAULT_PARTITION__")
    (tmp_path / "book" / "_SUCCESS").touch()
    parquet(tmp_path / "book").rename(tmp_path / "book" / ".hidden.parquet")
    first, second = find_sources(tmp_path / "book")
    assert open_source(first).columns == ("use", "city", "year", "branch")
    columns = ["branch", "use", "year"]
    assert read(first, columns).rows[1] == ("São Paulo", 0.5, "2025")
    assert read(second, columns).rows[1] == (None, 0.5, "2026")
    assert read(second, ["year"], batch_rows=2).rows[3] == ("2026",)


def test_a_partition_that_is_also_a_column_is_refused(tmp_path):
    path = hive(tmp_path, "city=north")
    with pytest.raises(SchemaError, match=r"'city'.*PARTITION_CLASH"):
        open_source(path)
