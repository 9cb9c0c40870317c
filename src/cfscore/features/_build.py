"""Building features: raw tables and specs to one row per application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cfscore.exceptions import InputError, SchemaError, UsageError
from cfscore.features._catalogue import FeatureCatalogue, Specs, as_catalogue
from cfscore.features._combination import APPLICATION_PREFIX
from cfscore.features._encoding import SpecialStyle, check_style, output_columns
from cfscore.features._facts import ROW, Engine, FactReader
from cfscore.features._measurement import Measurement, measure
from cfscore.features._progress import Progress, reporting
from cfscore.features._table_reader import Table, like, open_table, pick_columns
from cfscore.special_code import SpecialCode

__all__ = [
    "build_feature_row",
    "build_features",
    "fact_readers",
    "pick_applications",
]

_CHUNK_ROWS = 100_000


def build_features(
    applications: Table,
    tables: Mapping[str, Table],
    specs: Specs,
    *,
    as_of: str,
    keep: Sequence[str] = (),
    special: SpecialStyle = "codes",
    chunk_rows: int = _CHUNK_ROWS,
    progress: Progress | bool | None = None,
) -> Any:
    """Return one row of features per application, from what was known before it.

    Parameters
    ----------
    applications : frame, list of dicts or path
        One row per decision, with ``as_of`` and the key columns of the sources; a
        customer may have several. pandas, polars, Arrow, or a Parquet file or folder.
    tables : mapping of str to frame, list of dicts or path
        Raw tables by name. Files are read lazily, only the columns that are needed.
    specs : FeatureCatalogue or iterable of FeatureSpec and Combination
        What to compute.
    as_of : str
        Column of the applications with the time of the decision. A date is the start
        of that day.
    keep : sequence of str
        Columns of the applications to carry over, in front.
    special : {"codes", "status"}, default "codes"
        Whether the reserved values of ``SPECIAL_CODES`` stand in the columns (their
        names, in columns of text), or null there and the name in ``{feature}_status``
        beside it.
    chunk_rows : int, default 100000
        Applications in memory at a time; the values do not depend on it.
    progress : callable or bool, optional
        Called with applications done and in all; True draws a bar.

    Returns
    -------
    frame
        In the container of ``applications`` (polars for a path or a list) and its
        order, with the columns of the specs in their order: float64, or text where a
        spec takes the first or last of a column of text.

    Raises
    ------
    UsageError
        When an argument is not allowed, two features have one name, or a table is
        not there.
    SchemaError
        When a column is missing or has a type that does not fit.
    InputError
        When an application has no ``as_of``, or an attached table has copies of a
        key.

    Notes
    -----
    A fact counts in a window ``w`` when ``as_of - w <= event_time < as_of`` and
    ``available_at < as_of``. Facts are put in order before they are added up, so that
    the same facts give the same bits in any order, chunk and container, and one by
    one in ``build_feature_row``.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> from cfscore.features import FeatureSpec, Source, Window
    >>> tx = Source(
    ...     "transactions",
    ...     key="customer_id",
    ...     event_time="event_time",
    ...     available_at="available_at",
    ... )
    >>> spec = FeatureSpec(
    ...     source=tx, column="amount", aggregation="sum", windows=[Window(days=30)]
    ... )
    >>> applications = pl.DataFrame(
    ...     {"customer_id": ["a"], "applied_at": [datetime(2025, 6, 15, 10)]}
    ... )
    >>> transactions = pl.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a"],
    ...         "amount": [100.0, 20.0, 3.0],
    ...         "event_time": [
    ...             datetime(2025, 6, 1),
    ...             datetime(2025, 6, 14),
    ...             datetime(2025, 6, 15, 10),
    ...         ],
    ...         "available_at": [
    ...             datetime(2025, 6, 2),
    ...             datetime(2025, 6, 16),
    ...             datetime(2025, 6, 15, 10),
    ...         ],
    ...     }
    ... )
    >>> tables = {"transactions": transactions}
    >>> build_features(applications, tables, [spec], as_of="applied_at").item()
    100.0
    """
    check_style(special)
    if chunk_rows < 1:
        msg = f"chunk_rows must be a positive integer, got {chunk_rows}."
        raise UsageError(msg)
    frames = {name: open_table(table, name) for name, table in tables.items()}
    catalogue = as_catalogue(specs)
    picked = pick_applications(applications, catalogue, as_of, keep)
    with reporting(progress) as report:
        job = _Job(catalogue, frames, as_of, chunk_rows, report)
        chunks = list(job.chunks(picked))
    return like(_output(picked.select(keep), chunks, special), applications)


def build_feature_row(
    application: Mapping[str, Any],
    records: Mapping[str, Sequence[Mapping[str, Any]]],
    specs: Specs,
    *,
    as_of: str,
    special: SpecialStyle = "codes",
) -> dict[str, float | str | None]:
    """Return the features of one application, equal to its row of the batch.

    Parameters
    ----------
    application : mapping of str to value
        The application: ``as_of``, the key columns, consent.
    records : mapping of str to sequence of mappings
        Records by table, those of other customers or from the future included or
        not: an empty list where there are none.
    specs : FeatureCatalogue or iterable of FeatureSpec and Combination
        What to compute.
    as_of : str
        Key of the application with the time of the decision.
    special : {"codes", "status"}, default "codes"
        How special codes are shown; see ``build_features``.

    Returns
    -------
    dict of str to float or str
        As one row of ``build_features``; with ``special="status"`` some are None.

    Raises
    ------
    UsageError, SchemaError, InputError
        As ``build_features`` does.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cfscore.features import FeatureSpec, Source
    >>> tx = Source(
    ...     "transactions",
    ...     key="customer_id",
    ...     event_time="event_time",
    ...     available_at="available_at",
    ... )
    >>> last = FeatureSpec(source=tx, aggregation="recency")
    >>> at = datetime(2025, 6, 1, 9)
    >>> record = {"customer_id": "a", "event_time": at, "available_at": at}
    >>> application = {"customer_id": "a", "applied_at": datetime(2025, 6, 15, 10)}
    >>> build_feature_row(
    ...     application, {"transactions": [record]}, [last], as_of="applied_at"
    ... )
    {'transactions_recency': 14.0}
    """
    check_style(special)
    catalogue = as_catalogue(specs)
    frames = {name: open_table(list(rows), name) for name, rows in records.items()}
    picked = pick_applications([application], catalogue, as_of)
    job = _Job(catalogue, frames, as_of, 1, lambda done, total: None, "in-memory")
    output = _output(picked.select(), list(job.chunks(picked)), special)
    return output.row(0, named=True)


def pick_applications(
    applications: Table,
    catalogue: FeatureCatalogue,
    as_of: str,
    keep: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the columns of the applications that are needed, numbered by ROW.

    Raises
    ------
    SchemaError
        When a column is missing.
    InputError
        When a decision has no time.
    """
    names = tuple(dict.fromkeys((as_of, *catalogue.application_columns, *keep)))
    frame = open_table(applications, "applications")
    picked = pick_columns(frame, names, "applications").collect()
    n_missing = picked.get_column(as_of).null_count()
    if n_missing:
        msg = f"Column {as_of!r} is missing in {n_missing} of {picked.height} rows."
        hint = "Without the time of the decision nothing can be known before it."
        raise InputError(msg, code="NO_AS_OF", hint=hint)
    return picked.with_row_index(ROW)


_Features = dict[str, Measurement]


@dataclass(frozen=True)
class _Job:
    """One run over the applications, chunk by chunk and source by source."""

    catalogue: FeatureCatalogue
    frames: Mapping[str, pl.LazyFrame]
    as_of: str
    chunk_rows: int
    report: Progress
    engine: Engine = "streaming"

    def chunks(self, applications: pl.DataFrame) -> Iterator[_Features]:
        """Yield the features of each chunk; of no rows where there are none."""
        dtype = applications.schema[self.as_of]
        readers = fact_readers(self.catalogue, self.frames, self.as_of, dtype)
        total = applications.height
        for start in range(0, max(total, 1), self.chunk_rows):
            chunk = applications.slice(start, self.chunk_rows)
            found: _Features = {}
            for i, reader in enumerate(readers):
                found |= measure(reader, chunk, self.engine)
                done = start + chunk.height * (i + 1) // len(readers)
                self.report(done, total)
            yield _combined(self.catalogue, chunk, found)


def fact_readers(
    catalogue: FeatureCatalogue,
    frames: Mapping[str, pl.LazyFrame],
    as_of: str,
    dtype: pl.DataType,
) -> list[FactReader]:
    """Return the readers of the sources of a catalogue.

    Parameters
    ----------
    catalogue : FeatureCatalogue
        What is computed.
    frames : mapping of str to LazyFrame
        The tables.
    as_of : str
        Column with the time of the decision.
    dtype : polars type
        Its type.
    """
    readers = []
    for source in catalogue.sources:
        specs = [spec for spec in catalogue.feature_specs if spec.source == source]
        readers.append(FactReader(source, specs, frames, as_of, dtype))
    return readers


def _combined(
    catalogue: FeatureCatalogue, applications: pl.DataFrame, features: _Features
) -> _Features:
    """Return the features in order of the catalogue, combinations among them."""
    for combination in catalogue.combinations:
        features[combination.name] = combination.measure(
            _operand(combination.left, applications, features),
            _operand(combination.right, applications, features),
        )
    return {name: features[name] for name in catalogue.names}


def _operand(name: str, applications: pl.DataFrame, features: _Features) -> Measurement:
    """Return one side of a combination: a feature, or a column of the application."""
    if not name.startswith(APPLICATION_PREFIX):
        return features[name]
    column = applications.get_column(name.removeprefix(APPLICATION_PREFIX))
    if not (column.dtype.is_numeric() or column.dtype == pl.Null):
        fault = f"has type {column.dtype}; numbers are needed"
        raise SchemaError([(column.name, "UNSUPPORTED_TYPE", fault)])
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    status = np.zeros(len(values), dtype=np.int32)
    return Measurement.of(values, status, SpecialCode.NOT_APPLICABLE, np.isnan(values))


def _output(
    kept: pl.DataFrame, chunks: Sequence[_Features], special: SpecialStyle
) -> pl.DataFrame:
    frames = [
        pl.DataFrame(
            [
                column
                for name, measured in features.items()
                for column in output_columns(name, measured, special)
            ]
        )
        for features in chunks
    ]
    columns = pl.concat(frames)
    clashing = sorted(set(kept.columns).intersection(columns.columns))
    if clashing:
        msg = f"Kept columns have the names of features: {clashing}."
        raise UsageError(msg, hint="Rename them in the applications.")
    return pl.concat([kept, columns], how="horizontal")
