"""Clock: instants, dates and months of facts, read against a decision.

Three columns say when a decision is made, and everything else is compared with them:
the instant, the calendar date, and the point that the windows of a source end at
(which is one of those, or the first day of the month).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cfscore.exceptions import SchemaError
from cfscore.features._window import Window

__all__ = ["NOW", "POINT", "TODAY", "Clock", "DateReader"]

#: Columns of a decision; no column of a table can be named like them.
NOW, TODAY, POINT = "@now", "@today", "@point"

_WITH_ZONE = "has a time zone where the decision has none"
_WITHOUT_ZONE = "has no time zone where the decision has one"


@dataclass(frozen=True)
class DateReader:
    """Dates of the columns of one table, in one zone.

    Parameters
    ----------
    schema : polars schema
        Of the columns to read.
    time_zone : str
        Zone of the calendar.
    """

    schema: pl.Schema
    time_zone: str

    @property
    def today(self) -> pl.Expr:
        """Calendar date of the decision."""
        return pl.col(TODAY)

    def date(self, name: str) -> pl.Expr:
        """Return the calendar date of a column of dates, months or instants."""
        column, dtype = pl.col(name), self._dtype(name)
        if isinstance(dtype, pl.Datetime):
            return local(column, dtype, self.time_zone).dt.date()
        if dtype == pl.String:
            return (column + "-01").str.to_date("%Y-%m-%d", strict=False)
        return column.cast(pl.Date)

    def instant(self, name: str) -> pl.Expr:
        """Return a column of instants in the precision that is compared."""
        dtype = self._dtype(name)
        assert isinstance(dtype, pl.Datetime)
        return in_microseconds(pl.col(name), dtype)

    def moment(self, name: str) -> pl.Expr:
        """Return a column of dates or instants as what it is."""
        is_instant = isinstance(self._dtype(name), pl.Datetime)
        return self.instant(name) if is_instant else self.date(name)

    def hour(self, name: str) -> pl.Expr:
        """Return the local hour, 0..23, of a column of instants."""
        dtype = self._dtype(name)
        if not isinstance(dtype, pl.Datetime):
            return pl.lit(None, dtype=pl.Int8)
        return local(pl.col(name), dtype, self.time_zone).dt.hour()

    def is_before_decision(self, name: str) -> pl.Expr:
        """Return whether a date or an instant lies before the decision; may be null."""
        if isinstance(self._dtype(name), pl.Datetime):
            return self.instant(name) < pl.col(NOW)
        return self.date(name) < self.today

    @staticmethod
    def between(
        start: pl.Expr, end: pl.Expr, unit: Literal["days", "months"]
    ) -> pl.Expr:
        """Return the calendar days or months from one date to another."""
        if unit == "days":
            return (end - start).dt.total_days()
        return _month_number(end) - _month_number(start)

    def _dtype(self, name: str) -> pl.DataType:
        dtype = self.schema[name]
        if isinstance(dtype, pl.Datetime) or dtype in (pl.Date, pl.String, pl.Null):
            return dtype
        fault = f"has type {dtype} where a date or a timestamp is needed"
        raise SchemaError([(name, "UNSUPPORTED_TYPE", fault)])


@dataclass(frozen=True)
class Clock:
    """When the decisions are made, as one source sees it.

    Parameters
    ----------
    as_of : str
        Column of the applications.
    dtype : polars type
        Its type: Date, or Datetime with or without a zone.
    time_zone : str
        Zone of the calendar.
    resolution : {"instant", "date", "month"}
        What the source tells of its facts.
    """

    as_of: str
    dtype: pl.DataType
    time_zone: str
    resolution: Literal["instant", "date", "month"]

    def __post_init__(self) -> None:
        """Check the type of the column."""
        if not isinstance(self.dtype, pl.Datetime) and self.dtype != pl.Date:
            fault = f"has type {self.dtype} where a date or a timestamp is needed"
            raise SchemaError([(self.as_of, "UNSUPPORTED_TYPE", fault)])

    def check(self, reader: DateReader, names: Iterable[str]) -> bool:
        """Return whether timestamps have zones, and refuse a mixture.

        Parameters
        ----------
        reader : DateReader
            Of the table.
        names : iterable of str
            Columns that hold times.

        Raises
        ------
        SchemaError
            When some have a zone and others do not: a difference of hours would
            decide what was known, and nobody would have stated it.
        """
        zones = {
            name: dtype.time_zone is not None
            for name in names
            if isinstance(dtype := reader.schema[name], pl.Datetime)
        }
        own = self.dtype.time_zone if isinstance(self.dtype, pl.Datetime) else None
        has_zone = own is not None
        if self.dtype == pl.Date:
            has_zone = next(iter(zones.values()), True)
        faults = [
            (name, "MIXED_ZONES", _WITH_ZONE if zoned else _WITHOUT_ZONE)
            for name, zoned in zones.items()
            if zoned != has_zone
        ]
        if faults:
            hint = "Give all timestamps a time zone, or none."
            raise SchemaError(faults, hint=hint)
        return has_zone

    def decision(self, has_zone: bool) -> list[pl.Expr]:
        """Return the three columns of a decision.

        Parameters
        ----------
        has_zone : bool
            Whether instants are to have a zone; see ``check``. A decision that is
            known by its date only is made at the start of that day.
        """
        column = pl.col(self.as_of)
        if isinstance(self.dtype, pl.Datetime):
            now = in_microseconds(column, self.dtype)
            today = local(column, self.dtype, self.time_zone).dt.date()
        else:
            today = column
            now = column.cast(pl.Datetime("us"))
            if has_zone:
                now = _in_zone(now, self.time_zone)
        points = {"instant": now, "date": today, "month": today.dt.month_start()}
        return [
            now.alias(NOW),
            today.alias(TODAY),
            points[self.resolution].alias(POINT),
        ]

    def event(self, reader: DateReader, name: str, has_zone: bool) -> pl.Expr:
        """Return when facts happened, in the terms of POINT.

        Parameters
        ----------
        reader : DateReader
            Of the table.
        name : str
            Column with the time.
        has_zone : bool
            See ``check``.

        Raises
        ------
        SchemaError
            When the column holds dates and the source says instants.
        """
        dtype = reader.schema[name]
        if self.resolution == "month":
            return reader.date(name).dt.month_start()
        if self.resolution == "date":
            if dtype == pl.String:
                fault = "holds text where a date is needed"
                raise SchemaError([(name, "UNSUPPORTED_TYPE", fault)])
            return reader.date(name)
        if dtype == pl.Null:
            return pl.lit(None, dtype=pl.Datetime("us", "UTC" if has_zone else None))
        if not isinstance(dtype, pl.Datetime):
            fault = f"has type {dtype} where an instant is needed"
            hint = "For a source that has dates only, pass resolution='date'."
            raise SchemaError([(name, "UNSUPPORTED_TYPE", fault)], hint=hint)
        return reader.instant(name)

    def bounds(self, window: Window, has_zone: bool) -> tuple[pl.Expr, pl.Expr]:
        """Return the first point inside a window and the first one after it."""
        return (
            self._before(window.lag + window.length, window, has_zone),
            self._before(window.lag, window, has_zone),
        )

    def _before(self, length: int, window: Window, has_zone: bool) -> pl.Expr:
        point = pl.col(POINT)
        if length == 0:
            return point
        if window.unit == "days":
            return point - pl.duration(days=length)
        if self.resolution == "instant" and has_zone:
            wall = point.dt.convert_time_zone(self.time_zone)
            return wall.dt.offset_by(f"-{length}mo").dt.convert_time_zone("UTC")
        return point.dt.offset_by(f"-{length}mo")


def local(column: pl.Expr, dtype: pl.Datetime, time_zone: str) -> pl.Expr:
    """Return instants as wall-clock time in a zone."""
    if dtype.time_zone is None:
        return column
    return column.dt.convert_time_zone(time_zone)


def in_microseconds(column: pl.Expr, dtype: pl.Datetime) -> pl.Expr:
    """Return instants in microseconds, in UTC where they have a zone."""
    zone = None if dtype.time_zone is None else "UTC"
    if zone is not None:
        column = column.dt.convert_time_zone(zone)
    return column.cast(pl.Datetime("us", zone))


def _in_zone(wall: pl.Expr, time_zone: str) -> pl.Expr:
    """Return local midnights as instants; where there is no midnight, one hour on."""
    found = wall.dt.replace_time_zone(
        time_zone, ambiguous="earliest", non_existent="null"
    )
    later = wall.dt.offset_by("1h").dt.replace_time_zone(
        time_zone, ambiguous="earliest", non_existent="null"
    )
    return pl.coalesce(found, later).dt.convert_time_zone("UTC")


def _month_number(date: pl.Expr) -> pl.Expr:
    return date.dt.year().cast(pl.Int32) * 12 + date.dt.month().cast(pl.Int32)
