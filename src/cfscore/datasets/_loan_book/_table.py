"""Table of the loan book: its name, key, references and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from cfscore.datasets._dictionary import ColumnInfo, arrow_schema

__all__ = [
    "TableInfo",
    "attribute",
    "date",
    "flag",
    "instant",
    "key",
    "measure",
    "reference",
    "times",
]

_INSTANT = "timestamp[us, tz=UTC]"


@dataclass(frozen=True)
class TableInfo:
    """What one table of the loan book holds.

    Parameters
    ----------
    name : str
        Name of the table and, with ``.parquet``, of its file.
    meaning : str
        What a row says.
    key : tuple of str
        Columns that name a row together.
    columns : tuple of ColumnInfo
        In file order.
    references : mapping of str to str
        Column to the table that its value is a key of.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[ColumnInfo, ...]
    references: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = self.column_names
        assert len(set(names)) == len(names), "column names are unique"
        assert set(self.key) <= set(names), "the key is made of columns"
        assert set(self.references) <= set(names), "references are columns"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in file order."""
        return tuple(column.name for column in self.columns)

    @property
    def file_name(self) -> str:
        """Name of the Parquet file."""
        return f"{self.name}.parquet"

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the table."""
        return arrow_schema(self.columns)

    def column(self, name: str) -> ColumnInfo:
        """Return the column of that name.

        Parameters
        ----------
        name : str
            One of ``column_names``.

        Returns
        -------
        ColumnInfo
            Its description.
        """
        return self.columns[self.column_names.index(name)]


# Shorthands: a column of one kind, with what differs from the ordinary.


def key(name: str, meaning: str) -> ColumnInfo:
    """Return an opaque random token that names the row, alone or with others."""
    return ColumnInfo(name, "string", "key", "", meaning)


def reference(name: str, meaning: str, **more: Any) -> ColumnInfo:
    """Return an opaque random token that names something else."""
    return ColumnInfo(name, "string", "reference", "", meaning, **more)


def instant(name: str, meaning: str, **more: Any) -> ColumnInfo:
    """Return an instant."""
    return ColumnInfo(name, _INSTANT, "time", "UTC", meaning, **more)


def date(name: str, meaning: str, **more: Any) -> ColumnInfo:
    """Return a calendar date in Asia/Shanghai."""
    return ColumnInfo(name, "date32[day]", "time", "UTC+8", meaning, **more)


def attribute(name: str, meaning: str, **more: Any) -> ColumnInfo:
    """Return a category; ``levels`` names the texts that may occur."""
    return ColumnInfo(name, "string", "attribute", "", meaning, **more)


def flag(name: str, meaning: str, **more: Any) -> ColumnInfo:
    """Return a yes or no."""
    return ColumnInfo(name, "bool", "attribute", "", meaning, **more)


def measure(
    name: str, arrow_type: str, unit: str, meaning: str, **more: Any
) -> ColumnInfo:
    """Return a number."""
    return ColumnInfo(name, arrow_type, "measure", unit, meaning, **more)


def times(event: str, available: str) -> tuple[ColumnInfo, ColumnInfo]:
    """Return the two times of every row."""
    return (
        instant("event_time", f"When it happened: {event}."),
        instant("available_at", f"When the lender could first know: {available}."),
    )
