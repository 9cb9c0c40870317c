"""One table of nasty cells is the same column batch in every container, bit for bit."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.tables import (
    FAULT_CODES,
    InputField,
    InputSchema,
    RowReader,
    read_table,
)
from cfscore.tables._cell import KEY_READERS, read_number
from tests.unit.tables.containers import CONTAINERS
from tests.unit.tables.contents import bits, contents, contents_of_rows

# Names with spaces and Chinese; the same cells are read in all three kinds.
SCHEMA = InputSchema(
    (
        InputField("monthly income", "numeric"),
        InputField("有车", "boolean"),
        InputField("职业", "categorical"),
    )
)

BIG = 2**53
TEXTS = (
    """
Oslo|||  |　|1|0|1.0|true|True| 2.50 |false|inf|+inf|-inf|Inf|nan|NA|1e400|-1e400
1e-400|0x1F|1_000|１２|1,234|12%|1d5|TRUE| x |9007199254740993|-9007199254740992|5.
.5|1e5|1e0005|工程师|00000000000000000000000000007|9007199254740993.0|\t1|infinity
""".strip("\n")
    .replace("\n", "|")
    .split("|")
)
CELLS = {
    "double": (
        pa.float64(),
        [
            *(1.5, -0.0, 0.0, None, float("nan"), float("inf"), -float("inf"), 5e-324),
            *(1.7976931348623157e308, float(BIG), 1e22, 1e16, 0.1, 1.0, 123456789.25),
        ],
    ),
    "float": (pa.float32(), [1.5, None, 0.10000000149011612, 16777216.0, 0.0, 1.0]),
    "half": (pa.float16(), [np.float16(1.5), np.float16(0), None, np.float16(1)]),
    "int64": (
        pa.int64(),
        [0, 1, None, -1, BIG, -BIG, BIG + 1, -BIG - 1, 123456789012345678, -(2**63)],
    ),
    "int32": (pa.int32(), [0, 1, None, 2**31 - 1, -(2**31)]),
    "uint8": (pa.uint8(), [0, 1, None, 255]),
    "uint64": (pa.uint64(), [0, 1, None, BIG, BIG + 1, 2**64 - 1]),
    "bool": (pa.bool_(), [True, None, False, True, True, False, None, True, True]),
    "text": (pa.string(), [*TEXTS, None, "9" * 400, "1\n", "a\x00b", "\x00"]),
    "large text": (pa.large_string(), ["a", None, "", "7"]),
    "text view": (pa.string_view(), ["a", None, "", "7", "longer than twelve bytes"]),
    "decimal": (
        pa.decimal128(20, 2),
        [
            *map(Decimal, ("1.00", "0.10", "-0.01", "1.25", "9007199254740993.00")),
            *map(Decimal, ("9007199254740993.50", "123456789012345678.00")),
            None,
        ],
    ),
    "wide decimal": (
        pa.decimal256(60, 30),
        [Decimal("0.1"), None, Decimal(10) ** 25, Decimal("1e-30"), Decimal(1)],
    ),
    "null": (pa.null(), [None, None, None]),
}

# Arrow and polars cannot express these, or pyarrow cannot build them.
IMPOSSIBLE = {
    ("double", "pandas category"),  # takes 0.0 and -0.0 for one category
    ("half", "pandas category"),  # refused by pandas 2
    ("half", "arrow dictionaries"),  # no dictionary_encode for float16
    ("half", "arrow chunked dictionaries"),
    ("text view", "arrow dictionaries"),
    ("null", "arrow chunked dictionaries"),
    ("wide decimal", "mapping of polars series"),  # polars has 38 digits
    ("wide decimal", "polars"),
    ("wide decimal", "polars lazy"),
    ("wide decimal", "narwhals on polars"),
    ("wide decimal", "narwhals lazy"),
}


def three_times(array):
    return pa.table([array] * 3, names=list(SCHEMA.names))


def arrow_cells(family):
    kind, cells = CELLS[family]
    return pa.array(cells, kind)


def by_the_law(cells):
    """Return the expected contents, cell by cell through the plain functions."""
    reader = {"numeric": read_number, **KEY_READERS}
    codes = {code: name for name, code in FAULT_CODES.items()}
    rows = []
    for cell in cells:
        read = [reader[field.kind](cell) for field in SCHEMA.fields]
        faults = [
            (field.name, codes[fault])
            for field, (_, fault) in zip(SCHEMA.fields, read, strict=True)
            if fault
        ]
        rows.append(([value for value, _ in read], tuple(faults)))
    return contents_of_rows(rows, SCHEMA)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("family", CELLS)
def test_every_container_gives_what_the_cells_mean(family, container):
    if (family, container) in IMPOSSIBLE:
        pytest.skip("cannot be expressed")
    array = arrow_cells(family)
    table = CONTAINERS[container](three_times(array))
    assert contents(read_table(table, SCHEMA)) == by_the_law(array.to_pylist())


@pytest.mark.parametrize("family", CELLS)
def test_single_rows_give_what_the_cells_mean(family):
    array = arrow_cells(family)
    reader = RowReader(SCHEMA)
    rows = [reader.read(row) for row in three_times(array).to_pylist()]
    assert contents_of_rows(rows, SCHEMA) == by_the_law(array.to_pylist())


@pytest.mark.parametrize("family", CELLS)
def test_one_row_tables_give_the_same_as_the_whole(family):
    table = three_times(arrow_cells(family))
    cells, status, _ = contents(read_table(table, SCHEMA))
    for row in range(table.num_rows):
        one = contents(read_table(table.slice(row, 1), SCHEMA))
        assert one[0] == {name: [column[row]] for name, column in cells.items()}
        assert one[1] == [status[row]]


def plain_numbers(order):
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(37, 3))
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    return np.array(matrix, order=order)


NUMBERS = InputSchema(tuple(InputField(name, "numeric") for name in "abc"))
MATRICES = {
    "row-major": lambda m: m,
    "column-major": np.asfortranarray,
    "every other row": lambda m: np.repeat(m, 2, axis=0)[::2],
    "reversed": lambda m: m[::-1, ::-1].copy()[::-1, ::-1],
    "big-endian": lambda m: m.astype(">f8"),
    "read-only": lambda m: np.frombuffer(m.tobytes()).reshape(m.shape),
    "matrix subclass": lambda m: m.view(np.matrix),
    "masked": lambda m: np.ma.MaskedArray(np.nan_to_num(m, nan=7.0), np.isnan(m)),
    "objects": lambda m: m.astype(object),
    "structured": lambda m: np.array(
        [tuple(row) for row in m], dtype=[(name, "f8") for name in "abc"]
    ),
    "packed structured": lambda m: np.array(
        [(1, *row) for row in m], dtype=[("x", "i1"), *((name, "f8") for name in "abc")]
    ),
    "pandas of one block": lambda m: pd.DataFrame(m, columns=list("abc")),
    "pandas of columns": lambda m: pd.DataFrame(
        {n: m[:, i] for i, n in enumerate("abc")}
    ),
    "pandas, columns permuted": lambda m: pd.DataFrame(m, columns=list("abc"))[
        list("cab")
    ],
    "pandas sparse": lambda m: pd.DataFrame(m, columns=list("abc")).astype(
        "Sparse[float]"
    ),
    "mapping of strided columns": lambda m: {n: m[:, i] for i, n in enumerate("abc")},
    "polars with NaN": lambda m: pl.DataFrame(
        {n: m[:, i] for i, n in enumerate("abc")}
    ),
    "arrow with NaN": lambda m: pa.table({n: m[:, i] for i, n in enumerate("abc")}),
    "arrow with nulls": lambda m: pa.Table.from_pandas(
        pd.DataFrame(m, columns=list("abc"))
    ),
    "text": lambda m: {
        n: ["" if x != x else repr(x) for x in m[:, i].tolist()]
        for i, n in enumerate("abc")
    },
}


@pytest.mark.parametrize("container", MATRICES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_keep_their_bits_in_every_array_layout(container, order):
    matrix = plain_numbers(order)
    batch = read_table(MATRICES[container](matrix), NUMBERS)
    for position, column in enumerate(batch.columns.values()):
        assert bits(column.values) == bits(matrix[:, position])
        assert column.values.flags.c_contiguous
        assert column.values.flags.aligned
        assert not column.values.flags.writeable


# Cells that hash alike but are different (1, 1.0, True) come in all orders.
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from(
        [0, 1, 0.0, -0.0, 1.0, BIG, BIG + 1, -BIG - 1, 10**400, -(10**400)]
    ),
    st.floats(),
    st.decimals(),
    st.sampled_from([Decimal("sNaN"), Decimal("1e500"), Decimal("-0"), Decimal("1.0")]),
    st.text(max_size=4),
    st.text("0123456789.eE+-infa _,x", max_size=8),
    st.integers(-128, 127).map(np.int8),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.floats().map(np.float64),
    st.booleans().map(np.bool_),
    st.sampled_from([np.str_("1"), np.str_(" "), np.datetime64("NaT"), np.ma.masked]),
    st.sampled_from([pd.NA, pd.NaT, pd.Timestamp("2020-01-01"), np.longdouble(1)]),
    st.sampled_from([b"1", [1], (1,), {}, 1j, np.datetime64("2020-01-01"), object()]),
    st.sampled_from([pa.scalar(1), pa.scalar("x"), pa.scalar(None), pa.scalar([1])]),
)


@given(st.lists(SCALARS, max_size=12))
def test_python_cells_mean_the_same_in_lists_arrays_and_rows(cells):
    expected = by_the_law(cells)
    held = np.empty(len(cells), object)
    for position, cell in enumerate(cells):
        held[position] = cell
    rows = [dict.fromkeys(SCHEMA.names, cell) for cell in cells]
    reader = RowReader(SCHEMA)
    assert contents(read_table(dict.fromkeys(SCHEMA.names, cells), SCHEMA)) == expected
    assert contents(read_table(dict.fromkeys(SCHEMA.names, held), SCHEMA)) == expected
    assert contents(read_table(np.column_stack([held] * 3), SCHEMA)) == expected
    assert contents(read_table(rows, SCHEMA)) == expected
    assert contents_of_rows([reader.read(row) for row in rows], SCHEMA) == expected


@given(
    st.lists(st.one_of(st.none(), st.floats()), max_size=40),
    st.integers(0, 9),
    st.integers(0, 40),
)
def test_nullable_floats_keep_their_bits_at_any_offset_and_chunking(cells, offset, cut):
    padded = pa.array([None, 7.0, None] * 3 + cells, pa.float64())
    array = padded.slice(9 - offset)
    column = pa.chunked_array([array[:cut], array[cut:]])
    batch = read_table({"a": column}, InputSchema(NUMBERS.fields[:1]))
    tail = bits(batch.columns["a"].values)[offset:]
    assert tail == bits([np.nan if cell is None else cell for cell in cells])
