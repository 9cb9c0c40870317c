"""Tables: frames of any kind, and Parquet files and folders, as one lazy frame."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cfscore.exceptions import InputError, SchemaError, UsageError
from cfscore.features._spelling import spelling_hint

__all__ = ["Table", "like", "open_table", "pick_columns"]

#: A frame of pandas, polars or Arrow, a list of dicts, or a path to Parquet.
Table = Any

_ACCEPTED = (
    "Pass a pandas or polars frame, an Arrow table, a list of dicts, or the path of a "
    "Parquet file or of a folder of them."
)


def open_table(table: Table, name: str) -> pl.LazyFrame:
    """Return a table as a lazy frame; files are not read yet.

    Parameters
    ----------
    table : frame, list of dicts or path
        See ``build_features``.
    name : str
        Name of the table, for messages.

    Raises
    ------
    UsageError
        When there is no such file.
    InputError
        When it is no table.
    """
    if isinstance(table, str | os.PathLike):
        return _scan(Path(table), name)
    if isinstance(table, pl.LazyFrame):
        return table
    if isinstance(table, pl.DataFrame):
        return table.lazy()
    if isinstance(table, list | tuple):
        return _from_records(table, name)
    try:
        frame = _from_pandas(table) if _is_pandas(table) else pl.DataFrame(table)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        # The foreign text may quote a cell, so it is not passed on.
        kind = type(table).__name__
        msg = f"Table {name!r} is a {kind} that is no table ({type(error).__name__})."
        raise InputError(msg, hint=_ACCEPTED) from None
    return frame.lazy()


def _is_pandas(table: Table) -> bool:
    return isinstance(table, getattr(sys.modules.get("pandas"), "DataFrame", ()))


def _from_pandas(table: Any) -> pl.DataFrame:
    frame: pl.DataFrame = pl.from_pandas(table, nan_to_null=True)
    return frame


def _from_records(records: list[Any] | tuple[Any, ...], name: str) -> pl.LazyFrame:
    if not all(isinstance(record, Mapping) for record in records):
        msg = f"Table {name!r} is a list of something other than dicts."
        raise InputError(msg, hint=_ACCEPTED)
    if not records:
        return pl.LazyFrame()
    return pl.from_dicts(records, infer_schema_length=None).lazy()


def _scan(path: Path, name: str) -> pl.LazyFrame:
    pattern = path / "**" / "*.parquet" if path.is_dir() else path
    if not any(glob.iglob(str(pattern), recursive=True)):
        msg = f"Table {name!r}: there is no Parquet file at {str(path)!r}."
        raise UsageError(msg, hint="Check the path.")
    return pl.scan_parquet(pattern, hive_partitioning=path.is_dir())


def pick_columns(
    frame: pl.LazyFrame, names: tuple[str, ...], table: str
) -> pl.LazyFrame:
    """Return the named columns in the few types that features are made of.

    Text is free of blanks around it and blank text is missing, as NaN is; decimals
    are floats and categories are text. An empty list of records has every column.

    Parameters
    ----------
    frame : polars LazyFrame
        The table.
    names : tuple of str
        Columns to pick.
    table : str
        Name of the table, for messages.

    Raises
    ------
    SchemaError
        When columns are missing; the likely spelling is suggested.
    """
    schema = frame.collect_schema()
    if not schema:
        return pl.LazyFrame(schema=dict.fromkeys(names, pl.Null))
    missing = [name for name in names if name not in schema]
    if missing:
        raise SchemaError(
            [
                (name, "MISSING_COLUMN", f"is not in table {table!r}")
                for name in missing
            ],
            hint=spelling_hint(missing[0], schema.names()),
        )
    return frame.select(_plain(name, schema[name]) for name in names)


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype in (pl.Categorical, pl.Enum):
        column, dtype = column.cast(pl.String), pl.String()
    if dtype == pl.String:
        column = column.str.strip_chars()
        return pl.when(column != "").then(column).alias(name)
    if isinstance(dtype, pl.Decimal):
        return column.cast(pl.Float64)
    return column.fill_nan(None) if dtype.is_float() else column


def like(frame: pl.DataFrame, applications: Table) -> Any:
    """Return a frame in the kind of container that the applications came in."""
    if _is_pandas(applications):
        converted = frame.to_pandas()
        converted.index = applications.index
        return converted
    if isinstance(applications, pl.DataFrame | pl.LazyFrame):
        return frame
    module = type(applications).__module__.partition(".")[0]
    return frame.to_arrow() if module == "pyarrow" else frame
