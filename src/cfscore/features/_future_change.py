"""A changed future: tables in which what was not yet known is another.

Whose a row is and when it became known is left alone; all else may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cfscore.features._clock import NOW, TODAY
from cfscore.features._future_rows import (
    LINE,
    FutureCells,
    decision_times,
    future_cells,
    future_rows,
    numbered,
)
from cfscore.features._source import Source

__all__ = ["Change", "future_changed", "future_extended"]

#: What is done to the future.
Change = Literal["delete", "randomise"]

_Tables = dict[str, pl.DataFrame]
_RECENT_DAYS = 25
_MICROSECONDS_A_DAY = 86_400_000_000
_LATE_MICROSECONDS = (0, 1, _MICROSECONDS_A_DAY)
_NOISE_PER_APPLICATION = len(_LATE_MICROSECONDS)


def future_changed(
    sources: Sequence[Source],
    tables: Mapping[str, pl.DataFrame],
    decisions: pl.DataFrame,
    as_of: str,
    change: Change,
    rng: np.random.Generator,
) -> tuple[_Tables, Mapping[str, int]]:
    """Return tables in which the future of some decisions is deleted or overwritten.

    Parameters
    ----------
    sources : sequence of Source
        What the tables hold.
    tables : mapping of str to DataFrame
        The tables.
    decisions : DataFrame
        Applications, no two of which share a key.
    as_of : str
        Column with the time of the decision.
    change : {"delete", "randomise"}
        What is done.
    rng : numpy.random.Generator
        Source of the values.

    Returns
    -------
    dict of str to DataFrame, dict of str to int
        The tables, and how many rows and cells of each were changed.
    """
    frames = numbered(tables)
    rows = future_rows(sources, frames, decisions, as_of)
    cells = future_cells(sources, frames, decisions, as_of)
    tables, altered = dict(tables), dict.fromkeys(rows, 0)
    for one in cells:
        tables[one.table] = _ends_moved(tables[one.table], one, change, rng)
        altered[one.table] += one.lines.height
    for name, lines in rows.items():
        altered[name] += lines.height
        if change == "randomise":
            tables[name] = _overwritten(sources, name, tables[name], lines, rng)
        else:
            is_future = pl.int_range(pl.len()).is_in(lines.get_column(LINE).implode())
            tables[name] = tables[name].filter(~is_future)
    return tables, altered


def _ends_moved(
    table: pl.DataFrame,
    cells: FutureCells,
    change: Change,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return a table in which ends ahead are missing, or come at other times."""
    column = table.get_column(cells.column)
    moved = pl.Series([None] * cells.lines.height, dtype=column.dtype)
    if change == "randomise":
        moved = _moments(cells.lines, column.dtype, rng.integers(1, 400, len(moved)))
    return _set(table, cells.column, cells.lines, moved)


def _overwritten(
    sources: Sequence[Source],
    name: str,
    table: pl.DataFrame,
    lines: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return a table whose future rows have values of other rows and recent events."""
    events, known = _time_columns(sources, name)
    left_alone = _linking_columns(sources) | known
    for column in table.columns:
        if column in left_alone:
            continue
        values = table.get_column(column)
        if column in events and values.dtype.is_temporal():
            days = -rng.integers(1, _RECENT_DAYS, lines.height)
            drawn = _moments(lines, values.dtype, days)
        else:
            drawn = values.gather(rng.integers(0, table.height, lines.height))
        table = _set(table, column, lines, drawn)
    return table


def future_extended(
    sources: Sequence[Source],
    tables: Mapping[str, pl.DataFrame],
    decisions: pl.DataFrame,
    as_of: str,
    rng: np.random.Generator,
) -> tuple[_Tables, Mapping[str, int]]:
    """Return tables with rows added that some decisions could not know.

    Parameters
    ----------
    sources, tables, decisions, as_of, rng
        As for ``future_changed``.

    Returns
    -------
    dict of str to DataFrame, dict of str to int
        The tables, and how many rows each was given.
    """
    extended, altered = dict(tables), {}
    attached = {attach.table for source in sources for attach in source.attach}
    for source in {source.owner.name: source.owner for source in sources}.values():
        name = source.table_name
        table = extended[name]
        has_keys = set(source.keys) <= set(table.columns)
        if table.height and has_keys and name not in attached:
            added = _noise(source, table, decisions, as_of, rng)
            extended[name] = pl.concat([table, added])
            altered[name] = added.height
    return extended, altered


def _noise(
    source: Source,
    table: pl.DataFrame,
    decisions: pl.DataFrame,
    as_of: str,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return copies of random rows, given to the applications."""
    chosen = np.repeat(np.arange(decisions.height), _NOISE_PER_APPLICATION)
    owners = decisions[chosen]
    drawn = table[rng.integers(0, table.height, owners.height)]
    for name in source.keys:
        drawn = drawn.with_columns(owners.get_column(name).cast(table.schema[name]))
    frames = numbered({source.table_name: table})
    times = decision_times(source, frames, decisions, as_of)
    lines = times[chosen].with_row_index(LINE)
    event, known = str(source.event_time), str(source.available_at)
    recent = -rng.integers(1, _RECENT_DAYS, lines.height)
    if table.schema[event].is_temporal():
        drawn = _set(drawn, event, lines, _moments(lines, table.schema[event], recent))
    late = np.tile(_LATE_MICROSECONDS, decisions.height)
    at_once = np.zeros(lines.height, dtype=np.int64)
    return _set(
        drawn, known, lines, _moments(lines, table.schema[known], at_once, late)
    )


def _moments(
    lines: pl.DataFrame,
    dtype: pl.DataType,
    days: NDArray[np.int64],
    microseconds: NDArray[np.int64] | None = None,
) -> pl.Series:
    """Return moments some days (and microseconds) from each line's decision."""
    late = np.zeros(len(days), np.int64) if microseconds is None else microseconds
    if isinstance(dtype, pl.Datetime):
        moment = pl.col(NOW) + pl.duration(
            days=pl.lit(pl.Series(days)), microseconds=pl.lit(pl.Series(late))
        )
        if dtype.time_zone is not None:
            moment = moment.dt.convert_time_zone(dtype.time_zone)
        moment = moment.cast(dtype)
    else:
        whole_days = days + late // _MICROSECONDS_A_DAY
        moment = (pl.col(TODAY) + pl.duration(days=pl.lit(pl.Series(whole_days)))).cast(
            dtype
        )
    return lines.select(moment.alias(NOW)).to_series()


def _set(
    table: pl.DataFrame, column: str, lines: pl.DataFrame, values: pl.Series
) -> pl.DataFrame:
    """Return a table with other values in some rows of a column."""
    changed = table.get_column(column).clone().scatter(lines.get_column(LINE), values)
    return table.with_columns(changed)


def _linking_columns(sources: Sequence[Source]) -> set[str]:
    """Columns that say whose a row is; they are left alone."""
    names: set[str] = set()
    for source in sources:
        names.update(source.keys, source.owner.keys)
        for attach in source.attach:
            names.update(attach.on)
    return names


def _time_columns(sources: Sequence[Source], table: str) -> tuple[set[str], set[str]]:
    """Return the columns of a table that hold event times and availabilities."""
    events, known = set(), set()
    for source in sources:
        for one in (source, source.owner):
            if one.table_name == table:
                events.add(one.event_time)
                known.add(one.available_at)
        for attach in source.attach:
            if attach.table == table:
                known.add(attach.available_at)
    return {e for e in events if e}, {k for k in known if k}
