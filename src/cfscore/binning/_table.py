"""Bin table: every attribute of one characteristic with its counts and its WOE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.binning._information import (
    information_p_value,
    neighbour_p_values,
    raw_woe,
    smoothed_shares,
)
from cfscore.binning._sample import SampleTotals, ValueCounts
from cfscore.binning._settings import BinningSettings, Special
from cfscore.binning._solver import Trend
from cfscore.binning._special_codes import code_key
from cfscore.binning._trend import verified_trend
from cfscore.exceptions import FitError
from cfscore.plan import Bins, NonFinite, Policy, Role, special_text
from cfscore.tables import InputField, Kind

__all__ = ["BinTable", "Partition", "build_table"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Neighbouring bins are called alike from this p-value on.
_SAME_P_VALUE = 0.05

_RANGE_ROLES = ("interval", "group")


@dataclass(frozen=True)
class Partition:
    """Bins of one characteristic and how they came about.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Partition of its values.
    reason : str or None
        Why there is one interval or group only; None where there are more.
    remarks : tuple of str
        What a reader should know, such as a time limit that was met.
    """

    bins: Bins
    reason: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class BinTable:
    """Bins of one characteristic: counts, weight of evidence and policy of each.

    All arrays have shape (n_attributes,), in the order of ``bins.labels``.

    Parameters
    ----------
    name : str
        Input column.
    kind : {"numeric", "boolean", "categorical"}
        Kind of the input column.
    bins : NumericBins or CategoricalBins
        Partition of its values.
    non_finite : {"value", "error"}
        Whether infinities are scored as values or refused.
    counts : array of int64
        Training cases.
    good, bad : array of float64
        Weighted goods and bads.
    woe_raw : array of float64
        ``ln[(good_i/G)/(bad_i/B)]`` unsmoothed: infinite where a class is absent, NaN
        in an empty attribute.
    woe : array of float64
        Weight of evidence used; smoothed, by policy, always finite. Positive is safer.
    policies : tuple of {"own", "neutral", "worst", "missing", "error"}
        Where ``woe`` comes from.
    notes : tuple of str
        What a reader should know of an attribute: a fall-back, a zero cell.
    iv_parts : array of float64
        Each attribute's part of the information value; 0 unless its policy is "own".
    iv_p_value : float
        Chance of an IV this large without any relation, 0..1.
    trend : {"ascending", "descending", "peak", "valley", "none"}
        Course of the bad rate over the intervals, read off the rates; "none" for
        categories.
    rejected : str or None
        Why the characteristic tells goods from bads nowhere; None when it does.
    remarks : tuple of str
        What a reader should know of the whole characteristic.
    """

    name: str
    kind: Kind
    bins: Bins
    non_finite: NonFinite
    counts: Ints
    good: Floats
    bad: Floats
    woe_raw: Floats
    woe: Floats
    policies: tuple[Policy, ...]
    notes: tuple[str, ...]
    iv_parts: Floats
    iv_p_value: float
    trend: Trend
    rejected: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Readable label of each attribute."""
        return self.bins.labels

    @property
    def roles(self) -> tuple[Role, ...]:
        """Role of each attribute."""
        return self.bins.roles

    @property
    def iv(self) -> float:
        """Information value: the sum of ``iv_parts``; 0 or more."""
        return float(self.iv_parts.sum())

    @property
    def n_bins(self) -> int:
        """Number of intervals or groups."""
        return sum(role in _RANGE_ROLES for role in self.roles)

    @property
    def shares(self) -> Floats:
        """Weighted share of all cases in each attribute; sums to 1."""
        weight = self.good + self.bad
        shares: Floats = weight / weight.sum()
        return shares

    @property
    def bad_rates(self) -> Floats:
        """Weighted share of bads in each attribute, NaN in an empty one."""
        with np.errstate(invalid="ignore"):
            return self.bad / (self.good + self.bad)

    @property
    def missing_share(self) -> float:
        """Weighted share of missing values, 0..1."""
        return float(self.shares[self.bins.missing_index])

    @property
    def n_zero_cells(self) -> int:
        """Attributes with cases of one class only."""
        return int(np.count_nonzero(np.isinf(self.woe_raw)))


def build_table(
    field: InputField,
    partition: Partition,
    counts: ValueCounts,
    totals: SampleTotals,
    settings: BinningSettings,
) -> BinTable:
    """Return the bin table of one characteristic.

    Parameters
    ----------
    field : InputField
        Input column.
    partition : Partition
        Bins and how they were found.
    counts : ValueCounts
        Training counts of every distinct value.
    totals : SampleTotals
        Size of the whole training sample.
    settings : BinningSettings
        Smoothing and policies.

    Raises
    ------
    FitError
        When an attribute used by its own cases lacks a class and nothing is smoothed.
    """
    bins = partition.bins
    rows, good, bad = counts.by_attribute(bins)
    filled = rows > 0
    policies, notes = _resolve_policies(bins, rows, settings)
    own = filled & np.array([policy == "own" for policy in policies])
    raw = raw_woe(good, bad)
    _check_zero_cells(field.name, own & np.isinf(raw), settings.laplace)
    woe, iv_parts = _smoothed_woe(good, bad, filled, own, settings.laplace)
    ranges = np.array([role in _RANGE_ROLES for role in bins.roles])
    n_own = int(np.count_nonzero(own))
    return BinTable(
        name=field.name,
        kind=field.kind,
        bins=bins,
        non_finite=settings.non_finite,
        counts=_frozen(rows),
        good=_frozen(good),
        bad=_frozen(bad),
        woe_raw=_frozen(raw),
        woe=_frozen(_apply_policies(bins, woe, own, policies)),
        policies=policies,
        notes=_with_zero_cells(notes, own & np.isinf(raw)),
        iv_parts=_frozen(iv_parts),
        iv_p_value=information_p_value(
            float(iv_parts.sum()), n_own, totals.effective_good, totals.effective_bad
        ),
        trend=_trend(field.kind, good[ranges], bad[ranges]),
        rejected=(partition.reason or "one bin only") if n_own < 2 else None,
        remarks=partition.remarks + _alike_remark(good[ranges], bad[ranges], totals),
    )


def _resolve_policies(
    bins: Bins, rows: Ints, settings: BinningSettings
) -> tuple[tuple[Policy, ...], tuple[str, ...]]:
    """Return policy and note of each attribute; "own" needs enough cases."""
    policies: list[Policy] = []
    notes: list[str] = []
    codes: Iterator[float | str] = iter(bins.specials)
    for role, count in zip(bins.roles, rows, strict=True):
        if role == "special":
            wanted = _special_policy(next(codes), settings.special)
        else:
            wanted = _wanted_policy(role, settings)
        least = 1 if role in _RANGE_ROLES else settings.min_bin_count
        falls_back = wanted == "own" and count < least
        policies.append("neutral" if falls_back else wanted)
        notes.append(_fall_back_note(least) if falls_back else "")
    return tuple(policies), tuple(notes)


def _fall_back_note(least: int) -> str:
    return "neutral (no cases)" if least == 1 else f"neutral (n < {least})"


def _special_policy(
    code: float | str, special: Special | Mapping[str, Special]
) -> Policy:
    """Return the policy of a code, which may be named by its key or its label."""
    if not isinstance(special, Mapping):
        return special
    return special.get(code_key(code), special.get(special_text(code), "own"))


def _wanted_policy(role: Role, settings: BinningSettings) -> Policy:
    if role == "missing":
        return settings.missing
    if role == "unseen":
        # A row is refused whether it is MISSING by itself or by way of UNSEEN.
        refused = settings.unseen == "missing" and settings.missing == "error"
        return "error" if refused else settings.unseen
    return "own"


def _check_zero_cells(name: str, pure: NDArray[np.bool_], laplace: float) -> None:
    n_pure = int(np.count_nonzero(pure))
    if laplace == 0.0 and n_pure:
        msg = (
            f"Column {name!r}: {n_pure} bin(s) hold goods only or bads only, so their "
            "WOE is infinite."
        )
        raise FitError(msg, code="ZERO_CELL", hint="Set laplace > 0 or merge the bins.")


def _smoothed_woe(
    good: Floats,
    bad: Floats,
    filled: NDArray[np.bool_],
    own: NDArray[np.bool_],
    laplace: float,
) -> tuple[Floats, Floats]:
    """Return WOE and information of the attributes used by their own cases, else 0."""
    good_shares = smoothed_shares(good, laplace, filled)
    bad_shares = smoothed_shares(bad, laplace, filled)
    woe = np.zeros(len(good))
    woe[own] = np.log(good_shares[own] / bad_shares[own])
    return woe, (good_shares - bad_shares) * woe


def _apply_policies(
    bins: Bins, woe: Floats, own: NDArray[np.bool_], policies: tuple[Policy, ...]
) -> Floats:
    """Return ``woe`` with the entries of worst and missing filled in."""
    used = woe.copy()
    worst = float(woe[own].min()) if own.any() else 0.0
    used[[policy == "worst" for policy in policies]] = worst
    used[[policy == "missing" for policy in policies]] = used[bins.missing_index]
    return used


def _with_zero_cells(
    notes: tuple[str, ...], pure: NDArray[np.bool_]
) -> tuple[str, ...]:
    return tuple(
        "smoothed zero cell" if is_pure else note
        for note, is_pure in zip(notes, pure, strict=True)
    )


def _alike_remark(good: Floats, bad: Floats, totals: SampleTotals) -> tuple[str, ...]:
    p_values = neighbour_p_values(
        good * (totals.effective_good / totals.good),
        bad * (totals.effective_bad / totals.bad),
    )
    n_alike = int(np.count_nonzero(p_values >= _SAME_P_VALUE))
    if not n_alike:
        return ()
    return (f"{n_alike} of {len(p_values)} neighbouring pairs do not differ at 5 %",)


def _trend(kind: Kind, good: Floats, bad: Floats) -> Trend:
    return verified_trend(good, bad) if kind == "numeric" else "none"


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
