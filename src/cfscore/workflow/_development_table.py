"""Development table: the file a model is made from, with the roles of its columns."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cfscore.exceptions import FitError, InputError, SchemaError
from cfscore.reading import Source, find_sources, open_source
from cfscore.workflow._config import DataConfig, SplitConfig
from cfscore.workflow._raw_config import RawConfig
from cfscore.workflow._raw_tables import RawRecords

__all__ = [
    "DevelopmentTable",
    "file_sha256",
    "instant_of",
    "raw_development_table",
    "read_development_table",
    "read_table_files",
    "target_values",
]

#: Features, target and weights of some rows.
Sample = tuple[pa.Table, NDArray[np.int8], NDArray[np.float64] | None]

_BATCH_ROWS = 131_072
#: Where pandas keeps an index without a name when it writes a file: places of rows,
#: which tell of time or of how the file was sorted, and which no other file has.
_ROW_LABELS = re.compile(r"__index_level_\d+__$")
_READ_ERRORS = (pa.ArrowException, OSError, UnicodeDecodeError, ValueError)


@dataclass(frozen=True, eq=False)
class DevelopmentTable:
    """A table with its target, weights and times taken out.

    Parameters
    ----------
    files : tuple of Path
        Where it was read from.
    features : pyarrow.Table
        Columns offered to the model.
    y : array of shape (n_rows,), int8
        1 = bad, 0 = good.
    weight : array of shape (n_rows,), float64, or None
        Sample weights.
    instants : array of shape (n_rows,), int64, or None
        Microseconds since 1970-01-01 UTC.
    customers : list of length n_rows, or None
        Whose each row is.
    """

    files: tuple[Path, ...]
    features: pa.Table
    y: NDArray[np.int8]
    weight: NDArray[np.float64] | None
    instants: NDArray[np.int64] | None
    customers: list[Hashable] | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.y)

    def take(self, rows: NDArray[np.int64]) -> Sample:
        """Return features, target and weights of some rows.

        Raises
        ------
        FitError
            When there is no feature.
        """
        if self.features.num_columns == 0:
            msg = "No column is left to develop a model from."
            raise FitError(msg, hint="See id, exclude, weight and time in the config.")
        weight = None if self.weight is None else self.weight[rows]
        return self.features.take(pa.array(rows)), self.y[rows], weight


def read_development_table(
    data: DataConfig, split: SplitConfig, base: Path
) -> DevelopmentTable:
    """Return the table of a config, its columns checked.

    Labels of rows that pandas wrote beside the columns are left out.

    Parameters
    ----------
    data : DataConfig
        Which file and columns.
    split : SplitConfig
        Which column holds the time.
    base : Path
        Folder that the path is relative to.

    Raises
    ------
    InputError
        When no file is found or one cannot be read.
    SchemaError
        When a named column is missing; all are listed.
    FitError
        When the target is not 0 and 1, or a time or weight is missing.
    """
    files, table = read_table_files(base / data.path)
    table = table.select([n for n in table.column_names if not _ROW_LABELS.match(n)])
    taken = {data.target, *data.id, *data.exclude}
    optional = (data.weight, split.time, split.customer)
    taken |= {name for name in optional if name is not None}
    _check_columns(table.column_names, sorted(taken))
    return DevelopmentTable(
        files=files,
        features=table.select([n for n in table.column_names if n not in taken]),
        y=target_values(table, data.target),
        weight=None if data.weight is None else _weights(table, data.weight),
        instants=None if split.time is None else _instants(table, split.time),
        customers=None if split.customer is None else _customers(table, split.customer),
    )


def raw_development_table(records: RawRecords, raw: RawConfig) -> DevelopmentTable:
    """Return the good and bad decisions of raw tables.

    Parameters
    ----------
    records : RawRecords
        What the tables came to.
    raw : RawConfig
        Names of their columns.

    Raises
    ------
    SchemaError
        When the instant of the decisions is no instant or date.
    """
    table = records.sample
    return DevelopmentTable(
        files=records.files,
        features=table.select(list(records.feature_names)),
        y=target_values(table, "y"),
        weight=None,
        instants=_instants(table, raw.as_of),
        customers=_customers(table, raw.customer),
    )


def read_table_files(path: Path) -> tuple[tuple[Path, ...], pa.Table]:
    """Return the files of a path, folder or pattern, and their rows as one table.

    Raises
    ------
    InputError
        When no file is found, one cannot be read, or they differ in their columns.
    """
    files = tuple(find_sources(path))
    return files, _concatenate([_read_file(file) for file in files])


def target_values(table: pa.Table, name: str) -> NDArray[np.int8]:
    """Return the target: 1 = bad, 0 = good, shape (n_rows,).

    Raises
    ------
    SchemaError
        When the column is missing or not numeric.
    FitError
        When a cell is missing, or neither 0 nor 1.
    """
    _check_columns(table.column_names, [name])
    values = _float_values(table, name, "the target")
    n_wrong = int(np.count_nonzero((values != 0.0) & (values != 1.0)))
    if n_wrong:
        msg = f"The target {name!r} is not 0 or 1 in {n_wrong} row(s)."
        hint = "1 is bad, 0 is good; leave rows without an outcome out."
        raise FitError(msg, code="TARGET", hint=hint)
    return values.astype(np.int8)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def instant_of(moment: datetime.date | datetime.datetime) -> int:
    """Return microseconds since 1970-01-01 UTC; without a zone it is taken as UTC.

    Examples
    --------
    >>> instant_of(datetime.date(1970, 1, 2)) // 3_600_000_000
    24
    """
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return since // datetime.timedelta(microseconds=1)


def _read_file(path: Path) -> pa.Table:
    source = open_source(path)
    try:
        return _READERS[source.layout](source)
    except _READ_ERRORS as error:
        # The foreign text can hold cells of the file.
        msg = (
            f"The {source.layout} file {path.name!r} cannot be read "
            f"({type(error).__name__})."
        )
        hint = (
            "It is damaged, cut short, or its rows differ in their number of columns."
        )
        raise InputError(msg, code="UNREADABLE", hint=hint) from None


def _read_csv(source: Any) -> pa.Table:
    """Read CSV with types by content; only an empty cell is missing, as at scoring."""
    convert = pa_csv.ConvertOptions(
        null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
    )
    parse = pa_csv.ParseOptions(
        delimiter=source.dialect.delimiter, newlines_in_values=True
    )
    return pa_csv.read_csv(source.path, parse_options=parse, convert_options=convert)


def _read_parquet(source: Source) -> pa.Table:
    return pq.read_table(source.path)


def _read_arrow(source: Source) -> pa.Table:
    batches = list(source.batches(source.columns, _BATCH_ROWS))
    return pa.Table.from_batches(batches, source.schema)


_READERS: dict[str, Callable[[Any], pa.Table]] = {
    "parquet": _read_parquet,
    "csv": _read_csv,
    "arrow": _read_arrow,
    "arrow_stream": _read_arrow,
}


def _concatenate(tables: list[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(tables).combine_chunks()
    except pa.ArrowException:
        msg = "The input files differ in the names or types of their columns."
        raise InputError(msg, code="FILES_DIFFER") from None


def _check_columns(names: Sequence[str], wanted: Sequence[str]) -> None:
    faults = [
        (n, "MISSING_COLUMN", _missing(n, names)) for n in wanted if n not in names
    ]
    if faults:
        raise SchemaError(faults)


def _missing(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"is missing; did you mean {close[0]!r}?" if close else "is missing"


def _weights(table: pa.Table, name: str) -> NDArray[np.float64]:
    weights = _float_values(table, name, "the weight")
    n_wrong = int(np.count_nonzero(~(weights >= 0.0)))
    if n_wrong:
        msg = f"The weight {name!r} is missing or negative in {n_wrong} row(s)."
        raise FitError(msg, code="WEIGHT")
    return weights


def _customers(table: pa.Table, name: str) -> list[Hashable]:
    column = table.column(name)
    if column.null_count:
        msg = f"The customer {name!r} is missing in {column.null_count} row(s)."
        raise FitError(msg, code="CUSTOMER", hint="Leave them out.")
    customers: list[Hashable] = column.to_pylist()
    return customers


def _instants(table: pa.Table, name: str) -> NDArray[np.int64]:
    column = table.column(name)
    zone = getattr(column.type, "tz", None)
    moments = _cast(column, pa.timestamp("us", tz=zone), name, "an instant or a date")
    if moments.null_count:
        msg = f"The time {name!r} is missing in {moments.null_count} row(s)."
        raise FitError(msg, code="TIME", hint="Leave them out.")
    return _to_numpy(moments.cast(pa.int64())).astype(np.int64)


def _float_values(table: pa.Table, name: str, role: str) -> NDArray[np.float64]:
    column = table.column(name)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    numbers = _cast(column, pa.float64(), name, f"numeric to be {role}")
    return _to_numpy(pc.fill_null(numbers, float("nan"))).astype(np.float64)


def _cast(column: pa.ChunkedArray, kind: pa.DataType, name: str, wanted: str) -> Any:
    try:
        return column.cast(kind)
    except pa.ArrowException:
        fault = (name, "TYPE", f"has type {column.type}, and must be {wanted}")
        raise SchemaError([fault]) from None


def _to_numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    values: NDArray[Any] = column.to_numpy()
    return values
