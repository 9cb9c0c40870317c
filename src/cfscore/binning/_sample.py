"""Development sample: the target, the weights and the counts of each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.bin_counts import bin_counts
from cfscore.exceptions import FitError, UsageError
from cfscore.plan import Bins, assign_attributes
from cfscore.tables import CategoryColumn, Column, NumericColumn

__all__ = ["Sample", "SampleTotals", "ValueCounts", "count_values", "read_sample"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Smoothing adds 0.5 to counts, and p-values rest on them, so weights must count cases.
# Samples without weights and weights that average 1 must pass, however few the bads:
# so the mean decides, and a small sum speaks against weights only below a tenth.
_LEAST_MEAN = 0.1
#: Sums from here on count cases whatever the mean: 3,000 rows may weigh 300.
_ENOUGH_CASES = 10.0
#: What smoothing adds to a single bin; one bad of weight 1 is more.
_LEAST_CASES = 0.5
#: Repeated rows weigh less; amounts of money and overflowing sums weigh more.
_LARGEST_MEAN = 1e6


@dataclass(frozen=True, eq=False)
class Sample:
    """The target of the development sample, split into goods and bads.

    Parameters
    ----------
    rows : array of shape (n_rows,), int64
        1 for a case, 0 for a row of weight 0 (which is no case).
    good, bad : array of shape (n_rows,), float64
        The row's weight in its own class, 0 in the other.
    """

    rows: Ints
    good: Floats
    bad: Floats

    @property
    def totals(self) -> SampleTotals:
        """Sums over all rows."""
        return SampleTotals(
            n_rows=int(self.rows.sum()),
            good=float(self.good.sum()),
            bad=float(self.bad.sum()),
            effective_good=_kish_size(self.good),
            effective_bad=_kish_size(self.bad),
        )


@dataclass(frozen=True)
class SampleTotals:
    """Size of the development sample.

    Parameters
    ----------
    n_rows : int
        Cases (rows of positive weight).
    good, bad : float
        Weighted goods and bads, each more than 0.
    effective_good, effective_bad : float
        Kish's effective sizes ``(sum w)^2 / sum w^2``; the counts where all weights
        are equal.
    """

    n_rows: int
    good: float
    bad: float
    effective_good: float
    effective_bad: float


@dataclass(frozen=True, eq=False)
class ValueCounts:
    """Every distinct value of one characteristic with its rows, goods and bads.

    What binning needs to know of a column, and all it keeps of it: no row can be put
    together again from the counts of single columns.

    Parameters
    ----------
    values : NumericColumn or CategoryColumn
        Distinct values; numbers ascending with NaN (missing) last, categories with
        code -1 (missing) first.
    rows : array of shape (n_values,), int64
        Cases.
    good, bad : array of shape (n_values,), float64
        Weighted goods and bads.
    """

    values: Column
    rows: Ints
    good: Floats
    bad: Floats

    def by_attribute(self, bins: Bins) -> tuple[Ints, Floats, Floats]:
        """Return rows, goods and bads of each attribute of ``bins``."""
        codes = assign_attributes(bins, self.values)
        return _sum_by_code(codes, bins.n_attributes, self.rows, self.good, self.bad)


def count_values(column: Column, sample: Sample) -> ValueCounts:
    """Return the counts of every distinct value of a column.

    Parameters
    ----------
    column : NumericColumn or CategoryColumn
        Values of shape (n_rows,).
    sample : Sample
        Target of the same rows.
    """
    values: Column
    if isinstance(column, NumericColumn):
        distinct, codes = np.unique(column.values, return_inverse=True)
        values, n_values = NumericColumn(distinct), len(distinct)
    else:
        n_values = len(column.keys) + 1
        codes = column.codes.astype(np.int64) + 1
        positions = np.arange(-1, n_values - 1, dtype=np.int32)
        values = CategoryColumn(positions, column.keys)
    sums = _sum_by_code(codes, n_values, sample.rows, sample.good, sample.bad)
    return ValueCounts(values, *sums)


def read_sample(y: Any, sample_weight: Any, n_rows: int) -> Sample:
    """Check target and weights and return them as goods and bads.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        1 (or True) is bad, 0 (or False) is good; both must occur.
    sample_weight : array-like of shape (n_rows,) or None
        Weight of each row, finite and not negative; None means 1.
    n_rows : int
        Rows of the table.

    Raises
    ------
    FitError
        When a length differs, or y or the weights hold anything else.
    UsageError
        When the weights do not count cases.
    """
    bad = _read_target(y, n_rows)
    weight = _read_weight(sample_weight, n_rows)
    sample = Sample(
        rows=(weight > 0.0).astype(np.int64),
        good=np.where(bad, 0.0, weight),
        bad=np.where(bad, weight, 0.0),
    )
    n_good = np.count_nonzero(sample.good)
    n_bad = np.count_nonzero(sample.bad)
    if not n_good or not n_bad:
        msg = (
            "The target y needs goods (0) and bads (1), with positive weight; it holds "
            f"only one class: {n_good} good and {n_bad} bad."
        )
        raise FitError(msg, code="ONE_CLASS")
    if sample_weight is not None:
        _refuse_no_counts(sample)
    return sample


def _refuse_no_counts(sample: Sample) -> None:
    """Refuse weights whose sums cannot be numbers of cases."""
    with np.errstate(over="ignore"):
        good, bad = float(sample.good.sum()), float(sample.bad.sum())
        mean = (good + bad) / int(sample.rows.sum())
    least = min(good, bad)
    is_small = least < _ENOUGH_CASES and mean < _LEAST_MEAN
    if is_small or least < _LEAST_CASES or mean > _LARGEST_MEAN:
        msg = (
            "sample_weight must count cases, a row of weight 2 being two rows; found "
            f"weights of the {np.count_nonzero(sample.good)} good rows that sum to "
            f"{good:.3g}, of the {np.count_nonzero(sample.bad)} bad rows to {bad:.3g}."
        )
        hint = (
            "Multiply all weights by one number so that they average 1, or by more "
            "where goods or bads then still weigh less than half a case."
        )
        raise UsageError(msg, code="WEIGHT", hint=hint)


def _read_target(y: Any, n_rows: int) -> NDArray[np.bool_]:
    """Return whether each row is bad."""
    if y is None:
        msg = "Binning requires y to be passed, but the target y is None."
        raise FitError(msg, code="TARGET")
    values = _one_dimension(y, "target y", n_rows)
    if values.dtype == np.bool_:
        return np.asarray(values, dtype=np.bool_)
    numbers = _numbers(values)
    if numbers is None:
        raise _target_error(found="values that are not numbers")
    n_missing = int(np.isnan(numbers).sum())
    n_other = int(np.count_nonzero((numbers != 0.0) & (numbers != 1.0))) - n_missing
    if n_missing or n_other:
        found = f"{n_missing} missing and {n_other} other value(s)"
        raise _target_error(found=found)
    is_bad: NDArray[np.bool_] = numbers == 1.0
    return is_bad


def _numbers(values: NDArray[Any]) -> Floats | None:
    """Return values as floats, None where some are texts or no numbers at all."""
    if values.dtype.kind not in "biufO":
        return None
    if values.dtype.kind == "O" and any(isinstance(v, str | bytes) for v in values):
        return None
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        return None


def _target_error(*, found: str) -> FitError:
    msg = f"The target y must hold only 0 (good) and 1 (bad); found {found}."
    return FitError(msg, code="TARGET", hint="Recode y, 1 being the bad outcome.")


def _read_weight(sample_weight: Any, n_rows: int) -> Floats:
    if sample_weight is None:
        return np.ones(n_rows)
    values = _one_dimension(sample_weight, "sample_weight", n_rows)
    weight = _numbers(values)
    if weight is None:
        msg = "sample_weight must hold numbers."
        raise FitError(msg, code="WEIGHT")
    n_wrong = int(np.count_nonzero(~(np.isfinite(weight) & (weight >= 0.0))))
    if n_wrong:
        msg = (
            "sample_weight must be finite and not negative; "
            f"{n_wrong} of {n_rows} are not."
        )
        raise FitError(msg, code="WEIGHT")
    if not weight.any():
        msg = "sample_weight is zero in every row."
        raise FitError(msg, code="WEIGHT")
    return weight


def _one_dimension(values: Any, what: str, n_rows: int) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (n_rows,):
        msg = (
            f"The {what} must have one value per row: expected shape ({n_rows},), "
            f"found {array.shape}."
        )
        raise FitError(msg, code="SHAPE")
    return array


def _kish_size(weight: Floats) -> float:
    return float(weight.sum() ** 2 / np.square(weight).sum())


def _sum_by_code(
    codes: NDArray[Any], n_codes: int, rows: Ints, good: Floats, bad: Floats
) -> tuple[Ints, Floats, Floats]:
    sums = np.zeros(n_codes, np.int64), np.zeros(n_codes), np.zeros(n_codes)
    bin_counts(codes, rows, good, bad, *sums)
    return sums
