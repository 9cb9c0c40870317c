"""One Arrow table expressed in every container that is a table to us."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa


class Stream:
    """An object that speaks the Arrow PyCapsule stream and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


class Batch:
    """An object that speaks the Arrow PyCapsule array and nothing else."""

    def __init__(self, table):
        self._batch = record_batch(table)

    def __arrow_c_array__(self, requested_schema=None):
        return self._batch.__arrow_c_array__(requested_schema)


def record_batch(table):
    return table.combine_chunks().to_batches()[0]


def each(table, change):
    """Return the table with each column changed."""
    columns = [change(column.combine_chunks()) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def shifted(array):
    """Return the same cells as a slice of a longer array, at an odd offset."""
    longer = pa.concat_arrays([array, array, array])
    return longer.slice(len(array), len(array))


def chunked(array):
    return pa.chunked_array([array[:1], array[1:1], array[1:]], type=array.type)


def dictionary(array):
    """Return a dictionary with an unused and a repeated entry, and 16-bit codes."""
    distinct = array.dictionary_encode()
    entries = pa.concat_arrays([array[:1], distinct.dictionary])
    codes = pa.array(
        [None if i is None else i + 1 for i in distinct.indices.to_pylist()]
    )
    return pa.DictionaryArray.from_arrays(codes.cast(pa.uint16()), entries)


def chunked_dictionary(array):
    """Return chunks that number the same cells differently."""
    return pa.chunked_array([dictionary(array[:2]), dictionary(array[2:])])


def runs(array):
    ends = pa.array(range(1, len(array) + 1), pa.int32())
    encoded = pa.RunEndEncodedArray.from_arrays(ends, array)
    return pa.concat_arrays([encoded, encoded]).slice(len(array), len(array))


def objects(array):
    cells = np.empty(len(array), object)
    cells[:] = array.to_pylist()
    return cells


def pandas_objects(table):
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, cells in lists(table).items()}
    )


def pandas_category(table):
    return pd.DataFrame(
        {
            name: pd.Categorical(pd.Series(cells, dtype=object))
            for name, cells in lists(table).items()
        }
    )


def pandas_arrow(table):
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def pandas_nullable(table):
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        cells = column.to_pylist()
        if pa.types.is_integer(kind):
            columns[name] = pd.array(
                cells, dtype=str(kind).replace("i", "I").replace("uI", "UI")
            )
        elif kind == pa.bool_():
            columns[name] = pd.array(cells, dtype="boolean")
        elif kind == pa.float64():
            columns[name] = pd.array(cells, dtype="Float64")
        elif kind == pa.string():
            columns[name] = pd.array(cells, dtype="string")
        else:
            columns[name] = pd.array(cells, dtype=object)
    return pd.DataFrame(columns)


def pandas_python_strings(table):
    frame = pandas_nullable(table)
    for name in frame:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].astype("string[python]")
    return frame


def lists(table):
    return table.to_pydict()


def masked(table):
    """Return masked arrays, with something readable under the mask."""
    columns = {}
    for name, cells in lists(table).items():
        gone = [cell is None for cell in cells]
        filler = next((cell for cell in cells if cell is not None), 0)
        held = objects(pa.nulls(len(cells)))
        held[:] = [filler if cell is None else cell for cell in cells]
        columns[name] = np.ma.MaskedArray(held, gone)
    return columns


CONTAINERS = {
    "arrow table": lambda t: t,
    "arrow record batch": record_batch,
    "arrow slices": lambda t: each(t, shifted),
    "arrow chunks": lambda t: each(t, chunked),
    "arrow dictionaries": lambda t: each(t, dictionary),
    "arrow chunked dictionaries": lambda t: each(t, chunked_dictionary),
    "arrow runs": lambda t: each(t, runs),
    "arrow reader": lambda t: t.to_reader(),
    "capsule stream": Stream,
    "capsule array": Batch,
    "mapping of arrow arrays": lambda t: dict(
        zip(t.column_names, t.columns, strict=True)
    ),
    "mapping of lists": lists,
    "mapping of tuples": lambda t: {k: tuple(v) for k, v in lists(t).items()},
    "mapping of object arrays": lambda t: {
        name: objects(t.column(name)) for name in t.column_names
    },
    "mapping of masked arrays": masked,
    "mapping of series": lambda t: dict(pandas_objects(t).items()),
    "mapping of polars series": lambda t: pl.from_arrow(t).to_dict(),
    "list of dicts": lambda t: t.to_pylist(),
    "object matrix": lambda t: np.column_stack([objects(c) for c in t.columns]),
    "pandas objects": pandas_objects,
    "pandas category": pandas_category,
    "pandas arrow": pandas_arrow,
    "pandas nullable": pandas_nullable,
    "pandas python strings": pandas_python_strings,
    "narwhals on pandas": lambda t: nw.from_native(pandas_arrow(t)),
    "narwhals on polars": lambda t: nw.from_native(pl.from_arrow(t)),
    "narwhals lazy": lambda t: nw.from_native(pl.from_arrow(t).lazy()),
    "polars": pl.from_arrow,
    "polars lazy": lambda t: pl.from_arrow(t).lazy(),
}
