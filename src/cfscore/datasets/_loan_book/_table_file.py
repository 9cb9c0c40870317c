"""Table file: one raw table on disk, read column by column as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cfscore.datasets._loan_book._table import TableInfo
from cfscore.exceptions import InputError, SchemaError

__all__ = ["TableFile", "duplicate_rows", "open_table"]


@dataclass(frozen=True)
class TableFile:
    """A Parquet file with the columns of a table of the loan book.

    Parameters
    ----------
    info : TableInfo
        What it holds.
    path : Path
        Where it lies.
    n_rows : int
        Its rows.
    """

    info: TableInfo
    path: Path
    n_rows: int

    def cells(self, name: str) -> pa.Array:
        """Return a column as one array of its documented type."""
        column = pq.read_table(self.path, columns=[name]).column(0)
        wanted = self.info.schema.field(name).type
        return column.cast(wanted).combine_chunks()

    def is_null(self, name: str) -> NDArray[np.bool_]:
        """Return where a column has no value; NaN is none."""
        return flags(pc.is_null(self.cells(name), nan_is_null=True))

    def floats(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers as float64, NaN where there is no value."""
        cells = self.cells(name).cast(pa.float64())
        return np.asarray(pc.fill_null(cells, float("nan")).to_numpy())

    def integers(self, name: str, missing: int = 0) -> NDArray[np.int64]:
        """Return a column of integers, days or microseconds as int64."""
        cells = self.cells(name)
        if pa.types.is_date32(cells.type):
            cells = cells.cast(pa.int32())
        cells = cells.cast(pa.int64())
        return np.asarray(pc.fill_null(cells, missing).to_numpy())

    def codes(self, *names: str) -> NDArray[np.int64]:
        """Return a number for each row, the same where the columns are the same."""
        found = np.zeros(self.n_rows, dtype=np.int64)
        for name in names:
            found = _folded(found, _numbered(self.cells(name)))
        return found

    def rows_of(self, name: str, parent: TableFile, key: str) -> NDArray[np.int64]:
        """Return the row of ``parent`` with the same key; -1 for none.

        Of several rows with the key, the first.
        """
        keys = parent.cells(key)
        first = np.delete(np.arange(parent.n_rows), duplicate_rows(parent.codes(key)))
        values = keys.take(pa.array(first))
        place = pc.index_in(self.cells(name), value_set=values)
        at = np.asarray(pc.fill_null(place, -1).to_numpy())
        return np.where(at >= 0, first[at] if first.size else -1, -1)


def open_table(folder: Path, info: TableInfo) -> TableFile | None:
    """Return the file of a table in a folder, None where there is none.

    Raises
    ------
    InputError
        When the file is no Parquet file.
    SchemaError
        When columns are missing or of another type.
    """
    path = folder / info.file_name
    if not path.exists():
        return None
    try:
        with pq.ParquetFile(path) as file:
            schema, n_rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        msg = f"{info.file_name!r} cannot be read as a Parquet file: {error}."
        raise InputError(msg) from error
    faults = [fault for column in info.schema if (fault := _fault(schema, column))]
    if faults:
        hint = f"The columns of {info.file_name!r} are those of LOAN_BOOK_TABLES."
        raise SchemaError(faults, hint=hint)
    return TableFile(info, path, n_rows)


def _fault(schema: pa.Schema, wanted: pa.Field) -> tuple[str, str, str] | None:
    at = schema.get_field_index(wanted.name)
    if at < 0:
        return wanted.name, "MISSING", "is missing"
    found = schema.field(at).type
    plain = found.value_type if pa.types.is_dictionary(found) else found
    is_text = pa.types.is_string(plain) or pa.types.is_large_string(plain)
    if plain == wanted.type or (is_text and pa.types.is_string(wanted.type)):
        return None
    return wanted.name, "TYPE", f"should be {wanted.type}, is {found}"


def flags(values: pa.Array) -> NDArray[np.bool_]:
    """Return an Arrow array of flags as numpy, false where it is null."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False))


def duplicate_rows(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that have the code of an earlier row."""
    order = np.argsort(codes, kind="stable")
    is_again = codes[order][1:] == codes[order][:-1]
    return np.sort(order[1:][is_again])


def _numbered(cells: pa.Array) -> NDArray[np.int64]:
    if pa.types.is_string(cells.type):
        encoded = pc.dictionary_encode(cells, null_encoding="encode")
        return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
    if pa.types.is_date32(cells.type):
        cells = cells.cast(pa.int32())
    values = pc.fill_null(cells.cast(pa.int64()), -1).to_numpy()
    return np.asarray(values - values.min(initial=0))


def _folded(codes: NDArray[np.int64], more: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number for each pair of numbers."""
    size = int(more.max(initial=0)) + 1
    if int(codes.max(initial=0)) >= (1 << 62) // size:
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes * size + more
