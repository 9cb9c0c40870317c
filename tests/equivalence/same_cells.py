"""The same cells in every container and file, and results that must be the same.

Used for plans of every family: only their schema is read.
"""

from __future__ import annotations

import csv
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "REASONS",
    "RESULTS",
    "arrow_table",
    "as_number",
    "as_text",
    "assert_equal",
    "assert_rows",
    "containers",
    "rows_of",
    "write_files",
]

REASONS = 4
RESULTS = ("log_odds", "pd", "score", "status")


def as_text(cell):
    """Return a cell as category key or None."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return str(cell) if str(cell).strip() else None


def as_number(cell):
    return math.nan if cell is None else float(cell)


def rows_of(plan, columns):
    names = plan.schema.names
    return [
        dict(zip(names, cells, strict=True))
        for cells in zip(*(columns[name] for name in names), strict=True)
    ]


def assert_equal(found, expected):
    """Check results and reason codes bit for bit."""
    log_odds, pd_, score, status, codes = zip(*expected, strict=True)
    wanted = dict(zip(RESULTS, (log_odds, pd_, score), strict=False))
    for name, values in wanted.items():
        assert getattr(found, name).tobytes() == np.array(values, float).tobytes(), name
    assert found.status.tolist() == list(status)
    assert found.reasons.tolist() == list(map(list, codes))


def typed_columns(plan, columns):
    """Return numpy columns: float64 for numeric fields, objects else."""
    return {
        field.name: np.array(list(map(as_number, columns[field.name])))
        if field.kind == "numeric"
        else np.array(columns[field.name], object)
        for field in plan.schema.fields
    }


def arrow_table(plan, columns):
    types = {"numeric": pa.float64(), "boolean": pa.bool_(), "categorical": pa.string()}
    arrays = {}
    for field in plan.schema.fields:
        cells = columns[field.name]
        if field.kind == "categorical":
            cells = list(map(as_text, cells))
        arrays[field.name] = pa.array(cells, types[field.kind])
    return pa.table(arrays)


def containers(plan, columns):
    """Yield every container of the same cells, by name."""
    rows = rows_of(plan, columns)
    typed = typed_columns(plan, columns)
    table = arrow_table(plan, columns)
    yield "mapping of lists", columns
    yield "mapping of arrays", typed
    yield "list of dicts", rows
    yield "pandas objects", pd.DataFrame(columns, dtype=object)
    yield "pandas", pd.DataFrame(typed)
    yield "pandas from Arrow", table.to_pandas(types_mapper=pd.ArrowDtype)
    yield "pandas categories", pandas_categories(plan, table)
    yield "polars", pl.from_arrow(table)
    yield "polars categories", polars_as(plan, table, lambda keys: pl.Categorical)
    yield "polars enums", polars_as(plan, table, pl.Enum)
    yield "Arrow table", table
    yield "Arrow chunks", pa.concat_tables([table.slice(0, 1), table.slice(1)])
    yield "Arrow dictionaries", dictionary_encoded(plan, table)
    yield "columns in another order", table.select(table.column_names[::-1])
    yield "with extra columns", table.append_column("another", [[0] * table.num_rows])


def category_fields(plan):
    return [f.name for f in plan.schema.fields if f.kind == "categorical"]


def pandas_categories(plan, table):
    return table.to_pandas().astype(dict.fromkeys(category_fields(plan), "category"))


def polars_as(plan, table, dtype_of):
    """Return a polars frame whose texts have the type made of their distinct values."""
    frame = pl.from_arrow(table)
    types = {
        name: dtype_of(frame[name].drop_nulls().unique().sort())
        for name in category_fields(plan)
    }
    return frame.cast(types) if types else frame


def dictionary_encoded(plan, table):
    for i, field in enumerate(plan.schema.fields):
        if field.kind == "categorical":
            column = table.column(i).dictionary_encode()
            table = table.set_column(i, field.name, column)
    return table


def write_files(folder, plan, table):
    """Write the table as Parquet and as CSV text; return the paths."""
    pq.write_table(table, folder / "in.parquet")
    with (folder / "in.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(table.column_names)
        for row in table.to_pylist():
            writer.writerow([csv_text(row[name]) for name in table.column_names])
    return folder / "in.parquet", folder / "in.csv"


def csv_text(cell):
    text = as_text(cell)
    return "" if text is None else text


def assert_rows(table, expected):
    """Check an output table; refused rows have null scores."""
    log_odds, pd_, score, status, codes = zip(*expected, strict=True)
    for name, values in zip(RESULTS, (log_odds, pd_, score), strict=False):
        cells = [None if math.isnan(v) else v for v in values]
        assert table.column(name).to_pylist() == cells
    assert table.column("status").to_pylist() == list(status)
    for k in range(REASONS):
        assert table.column(f"reason_{k + 1}").to_pylist() == [c[k] for c in codes]
