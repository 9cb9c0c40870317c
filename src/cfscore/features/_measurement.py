"""Measurement: the facts of one source become the values of its features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cfscore.exceptions import SchemaError
from cfscore.features._condition import Condition
from cfscore.features._fact_table import FactTable
from cfscore.features._facts import ROW, Engine, FactReader, is_set
from cfscore.features._selection import Selection
from cfscore.features._spec import FeatureSpec
from cfscore.features._window import Window
from cfscore.special_code import SpecialCode

__all__ = ["Measurement", "measure"]


@dataclass(frozen=True)
class Measurement:
    """One feature of some applications.

    Parameters
    ----------
    values : array of shape (n,), float64, or object for text
        The values; meaningless where there is a status.
    status : array of shape (n,), int32
        0 where a value was measured, else its SpecialCode.
    """

    values: NDArray[Any]
    status: NDArray[np.int32]

    @classmethod
    def of(
        cls,
        values: NDArray[Any],
        status: NDArray[np.int32],
        empty: float | SpecialCode,
        is_empty: NDArray[np.bool_],
    ) -> Measurement:
        """Return values with the reason where there is none.

        Parameters
        ----------
        values : array of shape (n,)
            Computed values.
        status : array of shape (n,), int32
            Why nothing could be measured at all; 0 where it could.
        empty : float or SpecialCode
            What a value that is missing means where it could.
        is_empty : array of shape (n,), bool
            Where the value is missing.
        """
        if isinstance(empty, SpecialCode):
            found = np.where(is_empty, np.int32(empty), np.int32(0))
        else:
            values = np.where(is_empty, empty, values)
            found = np.zeros(len(values), dtype=np.int32)
        if values.dtype == np.float64:
            found = np.where(np.isinf(values), np.int32(SpecialCode.INVALID), found)
        return cls(values, np.where(status != 0, status, found).astype(np.int32))


def measure(
    reader: FactReader, applications: pl.DataFrame, engine: Engine = "streaming"
) -> dict[str, Measurement]:
    """Return the features of one source.

    Parameters
    ----------
    reader : FactReader
        Source, specs and tables.
    applications : DataFrame
        A run of applications with ROW and what the reader needs.
    engine : {"streaming", "in-memory"}
        Engine that joins the tables; the values do not depend on it.

    Returns
    -------
    dict of str to Measurement
        By name of the feature, rows as in ``applications``.
    """
    facts = reader.marked(applications, engine).collect(engine=engine)
    _check_types(reader, facts.schema)
    rows = _positions(facts.get_column(ROW), applications)
    time_zone = reader.source.time_zone
    table = FactTable(facts, rows, applications.height, time_zone)
    chooser = _Chooser(reader, table)
    status = _status(reader, applications, rows, engine)
    return {
        name: measured
        for spec in reader.specs
        for window in spec.windows or (None,)
        for name, measured in _measured(chooser.choose(spec, window), status)
    }


class _Chooser:
    """Positions of facts by condition and window, each looked up once."""

    def __init__(self, reader: FactReader, table: FactTable) -> None:
        self.reader = reader
        self.table = table
        self._marked = cache(self._positions)

    def choose(self, spec: FeatureSpec, window: Window | None) -> Selection:
        """Return the facts of one feature in one window."""
        index = self._at(spec.where, window)
        part = index
        if spec.part:
            (meets,) = self.reader.marks(spec.part, None)
            part = index[self.table.mask(meets)[index]]
        against = index
        if spec.against is not None:
            against = self._at(spec.where, spec.against)
        return Selection(self.table, spec, window, index, part, against)

    def _at(self, where: Condition, window: Window | None) -> NDArray[np.int64]:
        return self._marked(self.reader.marks(where, window))

    def _positions(self, marks: tuple[str, ...]) -> NDArray[np.int64]:
        if not marks:
            return np.arange(len(self.table.rows))
        return np.flatnonzero(
            np.logical_and.reduce([self.table.mask(name) for name in marks])
        )


def _measured(
    s: Selection, status: NDArray[np.int32]
) -> Iterator[tuple[str, Measurement]]:
    """Yield the features of one spec in one window."""
    names = [column.name for column in s.spec.columns if column.window == s.window]
    with np.errstate(invalid="ignore", over="ignore"):  # of infinite amounts
        found = s.spec.rule.measure(s)
    if s.spec.rule.picks:
        found = _picked(s, found)
    if s.spec.text:
        is_empty = np.array([text is None for text in found], dtype=np.bool_)
        yield names[0], Measurement.of(found, status, s.spec.rule.empty, is_empty)
        return
    for name, values in zip(names, np.atleast_2d(found.T), strict=True):
        numbers = _invalid(s, values) if _holds_infinity(s) else values
        empty = s.spec.rule.empty
        yield name, Measurement.of(numbers, status, empty, np.isnan(numbers))


def _picked(s: Selection, positions: NDArray[np.int64]) -> NDArray[Any]:
    """Return the values of the facts at some positions."""
    name, there = s.spec.column_names[0], positions >= 0
    if s.spec.text:
        texts = np.full(s.table.n, None, dtype=object)
        column = s.table.frame.get_column(name).cast(pl.String)
        texts[there] = column.gather(positions[there]).to_list()
        return texts
    numbers = np.full(s.table.n, np.nan)
    numbers[there] = s.table.numbers(name)[positions[there]]
    return numbers


def _number_columns(spec: FeatureSpec) -> tuple[str, ...]:
    """Return the columns that must hold numbers."""
    has_numbers = spec.rule.is_number or (spec.rule.picks and not spec.text)
    names = spec.column_names if has_numbers else ()
    return (*names, *((spec.denominator,) if spec.denominator else ()))


def _holds_infinity(s: Selection) -> bool:
    return any(s.table.has_infinity(name) for name in _number_columns(s.spec))


def _invalid(s: Selection, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values, infinite where an infinite one went in.

    What comes out of infinite numbers may be a number or none; either way it is no
    measurement.
    """
    index = np.union1d(s.index, s.against)
    for name in _number_columns(s.spec):
        rows = s.table.rows[index[np.isinf(s.table.numbers(name)[index])]]
        values[rows] = np.inf
    return values


def _positions(rows: pl.Series, applications: pl.DataFrame) -> NDArray[np.int64]:
    """Return numbers of applications as positions among those of the chunk."""
    first = applications.get_column(ROW)[0] if applications.height else 0
    return rows.cast(pl.Int64).to_numpy() - first


def _check_types(reader: FactReader, schema: pl.Schema) -> None:
    """Refuse columns whose type an aggregation cannot take."""
    faults = [
        (name, "UNSUPPORTED_TYPE", f"has type {schema[name]}; numbers are needed")
        for spec in reader.specs
        for name in _number_columns(spec)
        if not (schema[name].is_numeric() or schema[name] in (pl.Boolean, pl.Null))
    ]
    if faults:
        hint = "Only first and last take text, with text=True."
        raise SchemaError(list(dict.fromkeys(faults)), hint=hint)


def _status(
    reader: FactReader,
    applications: pl.DataFrame,
    rows: NDArray[np.int64],
    engine: Engine,
) -> NDArray[np.int32]:
    """Return why each application has no measurement, 0 where it may have one."""
    source = reader.source
    status = np.zeros(applications.height, dtype=np.int32)
    if source.absent_code is not None:
        if source.within is not None or not reader.is_unbounded:
            rows = _positions(reader.present(applications, engine), applications)
        is_absent = np.ones(applications.height, dtype=np.bool_)
        is_absent[rows] = False
        status[is_absent] = source.absent_code
    if source.owner.outage is not None:
        is_down = applications.select(is_set(source.owner.outage)).to_series()
        status[is_down.to_numpy()] = SpecialCode.SOURCE_DOWN
    if source.owner.consent is not None:
        agreed = applications.select(is_set(source.owner.consent)).to_series()
        status[~agreed.to_numpy()] = SpecialCode.NO_CONSENT
    return status
