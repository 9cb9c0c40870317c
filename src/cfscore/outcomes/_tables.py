"""Raw tables: any container in, typed polars columns out, all schema faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import narwhals.stable.v2 as nw
import polars as pl
from narwhals.exceptions import NarwhalsError

from cfscore.exceptions import InputError, SchemaError

__all__ = ["ColumnSpec", "Kind", "TableSpec", "read_tables"]

#: What a column holds: ``key`` an opaque id, ``date`` a calendar day, ``amount`` money,
#: ``whole`` a whole number, ``text`` a code.
Kind = Literal["key", "date", "amount", "whole", "text"]

_ACCEPTED = (
    "Pass a polars or pandas frame, an Arrow table, an object with the Arrow PyCapsule "
    "interface, a mapping of columns, a list of dicts, or the path of Parquet files."
)
_UNREADABLE = (
    pl.exceptions.PolarsError,
    NarwhalsError,
    AttributeError,
    OSError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a raw table.

    Parameters
    ----------
    kind : {"key", "date", "amount", "whole", "text"}
        What it holds.
    is_required : bool, default True
        Whether the table must have it.
    """

    kind: Kind
    is_required: bool = True


@dataclass(frozen=True)
class TableSpec:
    """The columns of a raw table.

    Parameters
    ----------
    name : str
        As messages call the table.
    columns : mapping of str to ColumnSpec
        The columns that are read.
    keeps_others : bool, default False
        Whether further columns are kept as they are.
    """

    name: str
    columns: Mapping[str, ColumnSpec]
    keeps_others: bool = False


def read_tables(
    tables: list[tuple[TableSpec, Any]], time_zone: str
) -> list[pl.DataFrame]:
    """Return raw tables with the columns of their specification, typed.

    Keys become text or 64-bit integers, dates the calendar days in ``time_zone``,
    amounts float64; NaN and blank text become null.

    Parameters
    ----------
    tables : list of (TableSpec, table)
        Any containers.
    time_zone : str
        Zone in which an instant has its calendar day. Instants without a zone, and
        dates, are taken as they stand.

    Raises
    ------
    InputError
        When something is no table.
    SchemaError
        When a column is missing or of a wrong type, or two tables hold ``loan_id`` in
        different types; all are listed, of all tables.
    """
    faults: list[tuple[str, str, str]] = []
    frames = [_typed(spec, table, time_zone, faults) for spec, table in tables]
    if not faults:
        faults += _key_faults(tables, frames)
    if faults:
        raise SchemaError(faults)
    return _with_one_key_type(frames)


def _typed(
    spec: TableSpec, table: Any, time_zone: str, faults: list[tuple[str, str, str]]
) -> pl.DataFrame:
    frame = _open(spec.name, table)
    columns = {}
    for name, column in spec.columns.items():
        if name in frame.columns:
            typed = _READERS[column.kind](frame[name], time_zone)
            if isinstance(typed, str):
                faults.append((f"{spec.name}.{name}", "TYPE", typed))
            else:
                columns[name] = typed
        elif column.is_required:
            found = _missing(name, frame.columns)
            faults.append((f"{spec.name}.{name}", "MISSING_COLUMN", found))
    if spec.keeps_others:
        others = [name for name in frame.columns if name not in spec.columns]
        columns |= {name: frame[name] for name in others}
    return pl.DataFrame(columns)


def _missing(name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"is missing; did you mean {close[0]!r}?" if close else "is missing"


def _open(name: str, table: Any) -> pl.DataFrame:
    try:
        return _as_polars(table)
    except _UNREADABLE as error:
        # The foreign text may quote cells, so it is not passed on.
        kind = f"{type(table).__module__}.{type(table).__qualname__}"
        msg = (
            f"The table {name!r} cannot be read from a {kind} ({type(error).__name__})."
        )
        raise InputError(msg, code="UNREADABLE", hint=_ACCEPTED) from None


def _as_polars(table: Any) -> pl.DataFrame:
    if isinstance(table, str | Path):
        table = pl.scan_parquet(table)
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        return table.lazy().collect()
    is_rows = isinstance(table, list) and all(isinstance(r, Mapping) for r in table)
    if isinstance(table, Mapping) or is_rows:
        return pl.DataFrame(table, infer_schema_length=None)
    native = nw.from_native(table, eager_only=True, pass_through=True)
    if isinstance(native, nw.DataFrame):
        return native.to_polars()
    return nw.from_arrow(table, backend="polars").to_polars()


def _read_key(column: pl.Series, _: str) -> pl.Series | str:
    if column.dtype.is_float():
        return _read_whole(column, "")
    if column.dtype.is_integer():
        return column.cast(pl.Int64)
    return _read_text(column, "")


def _read_text(column: pl.Series, _: str) -> pl.Series | str:
    if column.dtype == pl.Null:
        return column.cast(pl.String)
    if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return f"has type {column.dtype}, and must hold text"
    text = column.cast(pl.String).str.strip_chars()
    return text.replace("", None)


def _read_date(column: pl.Series, time_zone: str) -> pl.Series | str:
    dtype = column.dtype
    if dtype == pl.Null:
        return column.cast(pl.Date)
    if isinstance(dtype, pl.Datetime):
        zoned = dtype.time_zone is not None
        return (column.dt.convert_time_zone(time_zone) if zoned else column).dt.date()
    if dtype != pl.Date:
        return f"has type {dtype}, and must hold dates or instants; parse it first"
    return column


def _read_amount(column: pl.Series, _: str) -> pl.Series | str:
    if column.dtype == pl.Null:
        return column.cast(pl.Float64)
    if not column.dtype.is_numeric():
        return f"has type {column.dtype}, and must hold amounts as numbers"
    return column.cast(pl.Float64).fill_nan(None)


def _read_whole(column: pl.Series, _: str) -> pl.Series | str:
    if column.dtype == pl.Null or column.dtype.is_integer():
        return column.cast(pl.Int64)
    if not column.dtype.is_numeric():
        return f"has type {column.dtype}, and must hold whole numbers"
    number = column.cast(pl.Float64).fill_nan(None)
    n_broken = int((number % 1 != 0).sum())
    if n_broken:
        return f"has type {column.dtype} with {n_broken} value(s) that are not whole"
    return number.cast(pl.Int64)


_READERS = {
    "key": _read_key,
    "date": _read_date,
    "amount": _read_amount,
    "whole": _read_whole,
    "text": _read_text,
}


def _has_keys(frame: pl.DataFrame) -> bool:
    """Return whether the type of the loan ids is known: nulls alone have none."""
    return "loan_id" in frame.columns and not frame["loan_id"].is_null().all()


def _key_faults(
    tables: list[tuple[TableSpec, Any]], frames: list[pl.DataFrame]
) -> list[tuple[str, str, str]]:
    """Return a fault for each table whose loan ids differ in type from the first."""
    found = [
        (spec.name, frame["loan_id"].dtype)
        for (spec, _), frame in zip(tables, frames, strict=True)
        if _has_keys(frame)
    ]
    return [
        (
            f"{name}.loan_id",
            "TYPE",
            f"has type {dtype}, and {found[0][0]!r} has {found[0][1]}",
        )
        for name, dtype in found
        if dtype != found[0][1]
    ]


def _with_one_key_type(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the tables with loan ids of one type, that of the tables that have any."""
    known = [frame["loan_id"].dtype for frame in frames if _has_keys(frame)]
    if not known:
        return frames
    return [
        frame
        if _has_keys(frame)
        else frame.with_columns(pl.lit(None, known[0]).alias("loan_id"))
        for frame in frames
    ]
