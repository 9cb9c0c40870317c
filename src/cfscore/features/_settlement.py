"""Settlement: when the payments towards an instalment came to cover it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cfscore.exceptions import UsageError

__all__ = ["Settlement"]

#: Half a cent: sums of amounts in cents differ from one another by less.
_ROUNDING = 0.005

_DUE = "@due"


@dataclass(frozen=True)
class Settlement:
    """Two columns added to each instalment: ``settled_at``, ``settled_known_at``.

    Payments are added up in the order in which they became known. The instalment is
    settled by the one with which the sum reaches what was due: it was settled on the
    latest of the dates paid until then, and known to be with that payment. Both are
    missing where that has not come. Payments that become known later change neither.

    Parameters
    ----------
    table : str
        Table of the payments.
    on : tuple of str
        Columns of the same names on both sides that name an instalment.
    due : tuple of str
        Columns of the instalments whose sum is due.
    paid : tuple of str
        Columns of the payments whose sum counts towards it.
    paid_at : str
        When a payment was made.
    available_at : str
        When it became known.

    Raises
    ------
    UsageError
        When there is nothing to join on or to add up.
    """

    table: str
    on: tuple[str, ...]
    due: tuple[str, ...]
    paid: tuple[str, ...]
    paid_at: str
    available_at: str

    def __post_init__(self) -> None:
        """Take sequences as tuples and check that there are columns."""
        for name in ("on", "due", "paid"):
            names: Sequence[str] = getattr(self, name)
            object.__setattr__(self, name, tuple(names))
            if not names:
                msg = f"A settlement needs columns for {name}."
                raise UsageError(msg)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are added."""
        return ("settled_at", "settled_known_at")

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of the instalments that are read."""
        return (*self.on, *self.due)

    @property
    def other_columns(self) -> tuple[str, ...]:
        """Columns of the payments that are read."""
        names = (*self.on, *self.paid, self.paid_at, self.available_at)
        return tuple(dict.fromkeys(names))

    def attached_to(
        self, instalments: pl.LazyFrame, payments: pl.LazyFrame
    ) -> pl.LazyFrame:
        """Return instalments with the columns added.

        Parameters
        ----------
        instalments : LazyFrame
            With ``needs``.
        payments : LazyFrame
            With ``other_columns``, keys in the same types.

        Returns
        -------
        LazyFrame
            One row per instalment, as before.
        """
        due = instalments.select(*self.on, _total(self.due).alias(_DUE))
        reached = (
            payments.drop_nulls([*self.on, self.available_at])
            .join(due.unique(), on=list(self.on))
            .sort(*self.on, self.available_at, self.paid_at)
            .with_columns(
                _total(self.paid).cum_sum().over(self.on).alias("@paid"),
                pl.col(self.paid_at).cum_max().over(self.on).alias("settled_at"),
            )
            .filter(pl.col("@paid") >= pl.col(_DUE) - _ROUNDING)
            .group_by(self.on, maintain_order=True)
            .first()
            .select(
                *self.on,
                "settled_at",
                pl.col(self.available_at).alias("settled_known_at"),
            )
        )
        return instalments.join(reached, on=list(self.on), how="left")


def _total(names: tuple[str, ...]) -> pl.Expr:
    return pl.sum_horizontal(pl.col(name).cast(pl.Float64) for name in names)
