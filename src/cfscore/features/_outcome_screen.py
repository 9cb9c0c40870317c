"""Screen for columns that know the outcome: too good to be known before it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import InputError, UsageError
from cfscore.features._table_reader import Table, open_table, pick_columns

__all__ = ["ColumnFinding", "OutcomeScreen", "ScreenLimits", "screen_outcome"]

_BINS = 20
_ADDED = 0.5  # to both cells of an attribute that has no case in one of them

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


@dataclass(frozen=True)
class ScreenLimits:
    """From where on a single column is suspect.

    Parameters
    ----------
    iv : float, default 0.5
        Information value; above it a column is "suspicious" by the usual scale.
    auc : float, default 0.9
        Area under the ROC curve of the attributes in order of their bad rate.
    min_count : int, default 30
        Cases an attribute needs to be judged by itself; smaller categories are
        joined.
    chance : float, default 1e-9
        An attribute of which all cases are bad is suspect when that is less probable.

    Raises
    ------
    UsageError
        When a limit makes no sense.
    """

    iv: float = 0.5
    auc: float = 0.9
    min_count: int = 30
    chance: float = 1e-9

    def __post_init__(self) -> None:
        """Check the limits."""
        if not (self.iv > 0.0 and 0.5 < self.auc <= 1.0 and 0.0 < self.chance < 1.0):
            msg = (
                "The limits of a screen must be iv > 0, 0.5 < auc <= 1, 0 < chance < 1."
            )
            raise UsageError(msg)
        if self.min_count < 1:
            msg = f"min_count must be positive, got {self.min_count}."
            raise UsageError(msg)


@dataclass(frozen=True)
class ColumnFinding:
    """What the screen found of one column.

    Parameters
    ----------
    column : str
        Name.
    iv : float
        Information value over its attributes, >= 0; larger separates better.
    auc : float
        AUC of the attributes in order of their bad rate, 0.5..1.
    all_bad_n : int
        Cases in attributes that hold only bads, where that is no chance.
    reasons : tuple of str
        Why it is suspect; empty where it is not.
    """

    column: str
    iv: float
    auc: float
    all_bad_n: int
    reasons: tuple[str, ...] = field(default=())

    @property
    def is_suspect(self) -> bool:
        """Whether a person should find out when the column is known."""
        return bool(self.reasons)


@dataclass(frozen=True)
class OutcomeScreen:
    """Findings of all columns, in their order.

    Parameters
    ----------
    findings : tuple of ColumnFinding
        One per column.
    """

    findings: tuple[ColumnFinding, ...]

    @property
    def suspects(self) -> tuple[str, ...]:
        """Columns that probably know the outcome, the strongest first."""
        found = [finding for finding in self.findings if finding.is_suspect]
        return tuple(f.column for f in sorted(found, key=lambda f: (-f.iv, f.column)))

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table.

        Returns
        -------
        pandas.DataFrame
            One row per column: column, iv, auc, all_bad_n, reasons.
        """
        return pd.DataFrame(
            {
                "column": [f.column for f in self.findings],
                "iv": [f.iv for f in self.findings],
                "auc": [f.auc for f in self.findings],
                "all_bad_n": [f.all_bad_n for f in self.findings],
                "reasons": ["; ".join(f.reasons) for f in self.findings],
            }
        )


def screen_outcome(
    table: Table, y: ArrayLike, limits: ScreenLimits | None = None
) -> OutcomeScreen:
    """Return which columns separate goods from bads better than the future allows.

    Nothing that is known before a decision separates nearly perfectly. A column that
    does (what was repaid, recovered, settled) was written down after the outcome.

    Parameters
    ----------
    table : frame
        Features, or any table with one row per case; pandas, polars or Arrow.
    y : array of shape (n,)
        1 = bad, 0 = good.
    limits : ScreenLimits, optional
        From where on a column is suspect.

    Returns
    -------
    OutcomeScreen
        A finding for each column; ``suspects`` names those to look into.

    Raises
    ------
    InputError
        When ``y`` is not of 0 and 1 with both present, or of another length.

    Notes
    -----
    Numbers and times are cut at 20 quantiles, categories are attributes, missing is
    one of its own; categories of fewer than ``min_count`` cases are one attribute.
    With ``g_i`` of ``G`` goods and ``b_i`` of ``B`` bads in attribute i::

        IV = sum_i (g_i / G - b_i / B) ln[(g_i / G) / (b_i / B)]

    and 0.5 added to both cells where one is 0. A column that is filled in for few
    cases has a small IV even if it gives every one of them away; therefore attributes
    in which all ``n`` cases are bad count as well, where ``bad_rate ** n`` is below
    ``chance``. The screen asks for attention: a column can be suspect and honest, and
    a weak leak passes.

    References
    ----------
    Siddiqi, N. (2006), Credit Risk Scorecards: an IV above 0.5 is suspicious.

    Examples
    --------
    >>> import polars as pl
    >>> y = [0, 0, 0, 1] * 50
    >>> table = pl.DataFrame(
    ...     {"recovered": [0.0, 0.0, 0.0, 7.5] * 50, "weekday": [1, 2, 3, 4, 5] * 40}
    ... )
    >>> screen_outcome(table, y).suspects
    ('recovered',)
    """
    limits = limits or ScreenLimits()
    frame = open_table(table, "table")
    names = tuple(frame.collect_schema().names())
    picked = pick_columns(frame, names, "table").collect()
    is_bad = _outcomes(y, picked.height)
    return OutcomeScreen(
        tuple(_find(picked.get_column(name), is_bad, limits) for name in names)
    )


def _outcomes(y: ArrayLike, n: int) -> NDArray[np.bool_]:
    values = np.asarray(y)
    if values.shape != (n,):
        msg = f"y has shape {values.shape} where the table has {n} rows."
        raise InputError(msg, code="LENGTH")
    if not np.isin(values, (0, 1)).all() or len(np.unique(values)) != 2:
        msg = "y must hold 0 for good and 1 for bad, and some of each."
        raise InputError(msg, code="OUTCOME")
    return values.astype(np.bool_)


def _find(
    column: pl.Series, is_bad: NDArray[np.bool_], limits: ScreenLimits
) -> ColumnFinding:
    attribute = _attributes(column, limits.min_count)
    n = int(attribute.max(initial=0)) + 1
    bad = np.bincount(attribute[is_bad], minlength=n).astype(np.float64)
    good = np.bincount(attribute[~is_bad], minlength=n).astype(np.float64)
    iv, auc = _information_value(good, bad), _binned_auc(good, bad)
    least = math.log(limits.chance) / math.log(is_bad.mean())
    least = max(least, limits.min_count)
    all_bad_n = int(bad[(good == 0.0) & (bad >= least)].sum())
    if good[1:].sum() == 0.0 and bad[1:].sum() >= least:
        all_bad_n = int(bad[1:].sum())  # filled in for bads alone
    reasons = (
        (iv > limits.iv, f"IV {iv:.2f} is above {limits.iv:g}"),
        (auc > limits.auc, f"AUC {auc:.3f} is above {limits.auc:g}"),
        (all_bad_n > 0, f"{all_bad_n} cases are all bad"),
    )
    stated = tuple(text for holds, text in reasons if holds)
    return ColumnFinding(column.name, iv, auc, all_bad_n, stated)


def _attributes(column: pl.Series, min_count: int) -> _Integers:
    """Return the number of each cell's attribute; 0 is missing."""
    if column.dtype in (pl.String, pl.Boolean):
        return _categories(column, min_count)
    if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Null):
        return np.asarray(column.is_not_null().to_numpy(), dtype=np.int64)
    values = column.to_physical().cast(pl.Float64)
    known = values.drop_nulls().to_numpy()
    if not len(known):
        return np.zeros(len(column), dtype=np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    cells = values.fill_null(np.nan).to_numpy()
    # Right-open; the lowest value, which many columns have in most cells, is apart.
    edges = np.union1d(edges, known.min())
    found = np.searchsorted(edges, cells, side="right") * 2
    found += np.isin(cells, edges)
    found[np.isnan(cells)] = -1
    return found + 1


def _categories(column: pl.Series, min_count: int) -> _Integers:
    rank = column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    counts = np.bincount(rank)
    number = np.arange(len(counts)) + 1
    number[counts < min_count] = len(counts) + 1
    number[0] = 0
    return np.asarray(number[rank], dtype=np.int64)


def _information_value(good: _Floats, bad: _Floats) -> float:
    one_sided = (good == 0.0) != (bad == 0.0)
    good_share = (good + _ADDED * one_sided) / good.sum()
    bad_share = (bad + _ADDED * one_sided) / bad.sum()
    held = (good + bad) > 0.0
    good_share, bad_share = good_share[held], bad_share[held]
    return float(((good_share - bad_share) * np.log(good_share / bad_share)).sum())


def _binned_auc(good: _Floats, bad: _Floats) -> float:
    held = (good + bad) > 0.0
    good, bad = good[held], bad[held]
    order = np.argsort(-bad / (good + bad), kind="stable")
    good, bad = good[order] / good.sum(), bad[order] / bad.sum()
    goods_after = 1.0 - np.cumsum(good)
    return float((bad * (goods_after + good / 2.0)).sum())
