"""Attached columns: what another table says of each fact."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cfscore.exceptions import UsageError

__all__ = ["Attach", "names_of"]


@dataclass(frozen=True)
class Attach:
    """Columns of another table, added to each fact.

    Parameters
    ----------
    table : str
        Name of the table; it says one thing of each value of ``on``.
    on : tuple of str
        Columns of the same names on both sides.
    columns : tuple of str
        Columns to add. They must have been known when the fact was, unless
        ``available_at`` is given.
    available_at : str, optional
        Column of that table: a fact is not usable before its attached row is.

    Raises
    ------
    UsageError
        When there is nothing to join on or nothing to add.
    """

    table: str
    on: tuple[str, ...]
    columns: tuple[str, ...]
    available_at: str | None = None

    def __post_init__(self) -> None:
        """Take single names as tuples of one."""
        object.__setattr__(self, "on", names_of(self.on))
        object.__setattr__(self, "columns", names_of(self.columns))
        if not self.on or not self.columns:
            msg = f"Attaching {self.table!r} needs columns to join on and to add."
            raise UsageError(msg)

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of the facts that are read."""
        return self.on

    @property
    def other_columns(self) -> tuple[str, ...]:
        """Columns of the other table that are read."""
        known = (self.available_at,) if self.available_at else ()
        return tuple(dict.fromkeys((*self.on, *self.columns, *known)))

    @property
    def known_as(self) -> str | None:
        """Name under which ``available_at`` is added; None without it."""
        return f"@{self.table}.{self.available_at}" if self.available_at else None

    def attached_to(self, facts: pl.LazyFrame, other: pl.LazyFrame) -> pl.LazyFrame:
        """Return facts with the columns added.

        Parameters
        ----------
        facts : LazyFrame
            With ``needs``.
        other : LazyFrame
            With ``other_columns``, keys in the same types.

        Returns
        -------
        LazyFrame
            One row per fact, as before.
        """
        if self.available_at is not None:
            known = pl.col(self.available_at).alias(str(self.known_as))
            other = other.with_columns(known)
        names = [name for name in (*self.columns, self.known_as) if name is not None]
        other = other.select(*self.on, *names).unique(self.on)  # copies of one row
        return facts.drop(names, strict=False).join(other, on=list(self.on), how="left")


def names_of(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)
