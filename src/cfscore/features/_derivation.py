"""Derivation: a column computed from the other columns of the same fact.

Most need the fact alone. ``Elapsed`` needs the decision as well: how late an unpaid
instalment is depends on the day one asks, and a payment that was not yet known on
that day does not count as made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from cfscore.exceptions import UsageError
from cfscore.features._clock import DateReader
from cfscore.features._code_table import CodeTable

__all__ = [
    "Derivation",
    "Elapsed",
    "FirstKnown",
    "LocalHour",
    "LocalMonth",
    "Lookup",
    "Quotient",
]


@dataclass(frozen=True)
class Lookup:
    """An attribute of a code.

    Parameters
    ----------
    name : str
        Column to add.
    column : str
        Column of codes.
    table : CodeTable
        What the codes mean.
    attribute : str
        Attribute to take from the table.
    override_by : str, optional
        Second column, whose values choose the overrides of the table.

    Raises
    ------
    UsageError
        When the table has no such attribute.
    """

    name: str
    column: str
    table: CodeTable
    attribute: str
    override_by: str | None = None

    def __post_init__(self) -> None:
        """Let the table refuse an attribute that it does not have."""
        self.table.lookup(pl.col(self.column), self.attribute, None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column, *((self.override_by,) if self.override_by else ()))

    def expression(self, dates: DateReader) -> pl.Expr:
        """Return the expression of the new column.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the table.

        Returns
        -------
        expression
            To be computed row by row.
        """
        second = self.override_by
        return self.table.lookup(
            pl.col(self.column).cast(pl.String),
            self.attribute,
            None if second is None else pl.col(second).cast(pl.String),
        )


@dataclass(frozen=True)
class Quotient:
    """A ratio of amounts of one fact; missing where the denominator is not positive.

    Parameters
    ----------
    name : str
        Column to add.
    numerator : str
        Column above the line.
    denominator : tuple of str
        Columns whose sum stands below the line.
    """

    name: str
    numerator: str
    denominator: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.numerator, *self.denominator)

    def expression(self, dates: DateReader) -> pl.Expr:
        """Return the expression of the new column.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the table.

        Returns
        -------
        expression
            To be computed row by row.
        """
        below = sum((_number(name) for name in self.denominator), pl.lit(0.0))
        return pl.when(below > 0.0).then(_number(self.numerator) / below)


@dataclass(frozen=True)
class FirstKnown:
    """The first of several columns that is not missing.

    Parameters
    ----------
    name : str
        Column to add.
    columns : tuple of str
        Columns in order of preference.
    """

    name: str
    columns: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        return self.columns

    def expression(self, dates: DateReader) -> pl.Expr:
        """Return the expression of the new column.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the table.

        Returns
        -------
        expression
            To be computed row by row.
        """
        return pl.coalesce(self.columns)


@dataclass(frozen=True)
class LocalHour:
    """The hour of an instant, 0..23, in the time zone of the source.

    Parameters
    ----------
    name : str
        Column to add.
    column : str
        Column of instants.
    """

    name: str
    column: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column,)

    def expression(self, dates: DateReader) -> pl.Expr:
        """Return the expression of the new column.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the table.

        Returns
        -------
        expression
            To be computed row by row.
        """
        return dates.hour(self.column)


@dataclass(frozen=True)
class LocalMonth:
    """The month of a date or an instant, as its first day, in the source's zone.

    Parameters
    ----------
    name : str
        Column to add.
    column : str
        Column of dates or instants.
    """

    name: str
    column: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column,)

    def expression(self, dates: DateReader) -> pl.Expr:
        """Return the expression of the new column.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the table.

        Returns
        -------
        expression
            To be computed row by row.
        """
        return dates.date(self.column).dt.month_start()


@dataclass(frozen=True)
class Elapsed:
    """The time from a date of a fact until another one, or until the decision.

    Parameters
    ----------
    name : str
        Column to add. A boolean column ``{name}_open`` is added beside it, True where
        the end had not come, or was not known, before the decision.
    start : str
        Column of dates or instants.
    end : str, optional
        Column of dates or instants; missing where the end has not come. None for what
        never ends, such as an age.
    end_available_at : str, optional
        When the end became known; None where that was no later than the end itself.
        An end counts when it lies before the decision and was known before it.
    unit : {"days", "months"}, default "days"
        Differences of calendar days, or of calendar months, in the time zone of the
        source. Negative where the end is before the start.
    least : int, optional
        What smaller values become: 0 for days past due.

    Raises
    ------
    UsageError
        When an availability is given without an end.
    """

    name: str
    start: str
    end: str | None = None
    end_available_at: str | None = None
    unit: Literal["days", "months"] = "days"
    least: int | None = None

    def __post_init__(self) -> None:
        """Check that what has an availability is there."""
        if self.end is None and self.end_available_at is not None:
            msg = f"Derivation {self.name!r} has end_available_at but no end."
            raise UsageError(msg)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read."""
        names = (self.start, self.end, self.end_available_at)
        return tuple(name for name in names if name is not None)

    def expressions(self, dates: DateReader) -> list[pl.Expr]:
        """Return the expressions of both new columns.

        Parameters
        ----------
        dates : DateReader
            Reads the calendar dates of the facts, and that of their decision.

        Returns
        -------
        list of expression
            Named; to be computed fact by fact.
        """
        has_ended = self._has_ended(dates)
        until = dates.today
        if self.end is not None:
            until = pl.when(has_ended).then(dates.date(self.end)).otherwise(until)
        elapsed = dates.between(dates.date(self.start), until, self.unit)
        if self.least is not None:
            elapsed = elapsed.clip(lower_bound=self.least)
        return [
            elapsed.cast(pl.Float64).alias(self.name),
            (~has_ended).alias(f"{self.name}_open"),
        ]

    def _has_ended(self, dates: DateReader) -> pl.Expr:
        if self.end is None:
            return pl.lit(value=False)
        known = [dates.is_before_decision(self.end)]
        if self.end_available_at is not None:
            known.append(dates.is_before_decision(self.end_available_at))
        return pl.all_horizontal(known).fill_null(value=False)


Derivation = Lookup | Quotient | FirstKnown | LocalHour | LocalMonth | Elapsed

#: Kinds of derivation by the name they have in a file.
KINDS: dict[str, type[Derivation]] = {
    "elapsed": Elapsed,
    "first_known": FirstKnown,
    "local_hour": LocalHour,
    "local_month": LocalMonth,
    "lookup": Lookup,
    "quotient": Quotient,
}


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)
