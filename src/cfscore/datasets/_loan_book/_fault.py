"""Faults: rows made dirty on purpose, one breach each, and never by accident."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._clock import DAY, HOUR, SNAPSHOT
from cfscore.datasets._loan_book._draft import Draft
from cfscore.datasets._loan_book._invariant import MOST_LIMIT_USE, Breach
from cfscore.datasets._loan_book._month_fault import plant_month_faults
from cfscore.datasets._loan_book._name import UNUSED_SERIAL

__all__ = ["FAULT_CODES", "FAULT_PLANS", "FaultPlan", "fault_column", "plant_faults"]

#: Number of each breach in ``Draft.fault``; 0 is a clean row.
FAULT_CODES: tuple[Breach, ...] = tuple(Breach)


@dataclass(frozen=True)
class FaultPlan:
    """Share of the rows of a table that get one fault.

    Parameters
    ----------
    breach : Breach
        Which.
    share : float
        Of the rows, before those are left alone that cannot have it.
    column : str
        Column that is spoilt; empty where the row itself is.
    """

    breach: Breach
    share: float
    column: str = ""


_P = FaultPlan
_DUPLICATE = Breach.KEY_DUPLICATE
_EARLY = Breach.AVAILABLE_BEFORE_EVENT
_NEGATIVE = Breach.NEGATIVE_VALUE
_LATE_DATE = Breach.DATE_AFTER_REPORT

#: Faults by table: between 1 % and 2 % of the rows of each.
FAULT_PLANS: Mapping[str, tuple[FaultPlan, ...]] = {
    "customers": (
        _P(Breach.AGE_OUT_OF_RANGE, 0.008, "birth_year"),
        _P(Breach.UNKNOWN_CODE, 0.004, "marital"),
        _P(Breach.REQUIRED_MISSING, 0.003, "residence"),
    ),
    "applications": (
        _P(_DUPLICATE, 0.006),
        _P(_NEGATIVE, 0.005, "requested_amount"),
        _P(Breach.UNKNOWN_CODE, 0.004, "purpose"),
    ),
    "bureau_reports": (_P(_DUPLICATE, 0.009), _P(_EARLY, 0.006, "available_at")),
    "bureau_accounts": (
        _P(Breach.NEGATIVE_LIMIT, 0.005, "limit"),
        _P(Breach.OVER_LIMIT, 0.006, "used"),
        _P(Breach.STATUS_BLOCKS_DIFFER, 0.004, "status_24m"),
        _P(_LATE_DATE, 0.003, "open_date"),
        _P(Breach.UNKNOWN_CODE, 0.003, "guarantee"),
    ),
    "bureau_monthly_status": (
        _P(Breach.UNKNOWN_RUN, 0.0045, "code"),
        _P(Breach.MONTH_GAP, 0.004, "month"),
        _P(Breach.STATUS_AFTER_END, 0.15, "code"),  # of the ends
        _P(Breach.UNKNOWN_CODE, 0.003, "code"),
    ),
    "bureau_special": (
        _P(_LATE_DATE, 0.009, "date"),
        _P(Breach.ORPHAN, 0.006, "report_id"),
    ),
    "bureau_public": (_P(_LATE_DATE, 0.008, "date"), _P(_NEGATIVE, 0.008, "amount")),
    "inquiries": (
        _P(_LATE_DATE, 0.005, "inquiry_date"),
        _P(_DUPLICATE, 0.003),
        _P(Breach.UNKNOWN_CODE, 0.003, "reason"),
        _P(Breach.ORPHAN, 0.003, "report_id"),
    ),
    "transactions": (
        _P(_DUPLICATE, 0.004),
        _P(_NEGATIVE, 0.003, "amount"),
        _P(_EARLY, 0.003, "available_at"),
        _P(Breach.AFTER_SNAPSHOT, 0.002, "event_time"),
        _P(Breach.UNKNOWN_CODE, 0.002, "channel"),
    ),
    "balances": (
        _P(_EARLY, 0.005, "available_at"),
        _P(_NEGATIVE, 0.004, "balance"),
        _P(_DUPLICATE, 0.004),
    ),
    "loans": (_P(Breach.PRINCIPAL_MISMATCH, 0.014, "principal"),),
    "instalments": (_P(_EARLY, 0.013, "available_at"),),
    "repayments": (
        _P(Breach.REPAYMENT_EXCEEDS_DUE, 0.005, "amount"),
        _P(_DUPLICATE, 0.004),
        _P(_EARLY, 0.005, "available_at"),
    ),
    "merchants_monthly": (
        _P(_EARLY, 0.005, "available_at"),
        _P(_NEGATIVE, 0.005, "gmv"),
        _P(Breach.REQUIRED_MISSING, 0.005, "ad_spend"),
    ),
    "receivables": (_P(_DUPLICATE, 0.008), _P(_NEGATIVE, 0.007, "amount")),
    "truth": (),
}

_MONTH_FAULTS = (Breach.UNKNOWN_RUN, Breach.MONTH_GAP, Breach.STATUS_AFTER_END)

Rows = NDArray[np.int64]


def fault_column(table: str, breach: Breach) -> str:
    """Return the column that a breach is reported for; empty for the whole row."""
    return next(p.column for p in FAULT_PLANS[table] if p.breach == breach)


def plant_faults(rng: np.random.Generator, draft: Draft) -> Draft:
    """Return the rows with faults among them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    draft : Draft
        Clean rows of one table.

    Returns
    -------
    Draft
        Each dirty row has its number in ``fault``; rows stay with their customers.
    """
    plans = FAULT_PLANS[draft.table.name]
    at = rng.random(draft.n_rows)
    taken = 0.0
    for plan in plans:
        is_drawn = (at >= taken) & (at < taken + plan.share)
        taken += plan.share if plan.breach not in _MONTH_FAULTS else 0.0
        if plan.breach in _MONTH_FAULTS or plan.breach == _DUPLICATE:
            continue
        draft = _spoil(rng, draft, plan, np.flatnonzero(is_drawn & (draft.fault == 0)))
    if draft.table.name == "bureau_monthly_status":
        shares = {p.breach: p.share for p in plans if p.breach in _MONTH_FAULTS}
        draft = plant_month_faults(rng, draft, shares, FAULT_CODES)
    for plan in plans:
        if plan.breach == _DUPLICATE:
            draft = _duplicate(rng, draft, plan.share)
    return draft


def _spoil(
    rng: np.random.Generator, draft: Draft, plan: FaultPlan, rows: Rows
) -> Draft:
    is_known = ~draft.missing.get(plan.column, np.zeros(draft.n_rows, dtype=np.bool_))
    rows = rows[is_known[rows]]
    columns, missing = dict(draft.columns), dict(draft.missing)
    if plan.breach == Breach.REQUIRED_MISSING:
        missing[plan.column] = np.asarray(_set(~is_known, rows, True), dtype=np.bool_)
    else:
        rows, changed = _SPOILERS[plan.breach](rng, draft, plan.column, rows)
        for name, values in changed.items():
            columns[name] = _set(columns[name], rows, values)
    fault = np.array(draft.fault)
    fault[rows] = 1 + FAULT_CODES.index(plan.breach)
    return replace(draft, columns=columns, missing=missing, fault=fault)


def _set(values: NDArray[np.generic], rows: Rows, new: object) -> NDArray[np.generic]:
    copy = np.array(values)
    copy[rows] = new
    return copy


def _duplicate(rng: np.random.Generator, draft: Draft, share: float) -> Draft:
    is_drawn = (rng.random(draft.n_rows) < share) & (draft.fault == 0)
    rows = np.sort(np.concatenate([np.arange(draft.n_rows), np.flatnonzero(is_drawn)]))
    is_copy = np.zeros(rows.size, dtype=np.bool_)
    is_copy[1:] = rows[1:] == rows[:-1]
    longer = draft.take(rows)
    code = 1 + FAULT_CODES.index(_DUPLICATE)
    fault = np.where(is_copy, code, longer.fault).astype(np.int8)
    return replace(longer, fault=fault)


# ---------------------------------------------------------------- spoilers
# Each returns the rows that could be spoilt and the new cells of these rows.

Spoilt = tuple[Rows, dict[str, NDArray[np.generic]]]


def _unknown_code(
    _: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    n_levels = len(draft.table.column(column).levels)
    return rows, {column: np.full(rows.size, n_levels)}


def _negative(_: np.random.Generator, draft: Draft, column: str, rows: Rows) -> Spoilt:
    values = draft.columns[column].astype(np.float64)
    rows = rows[values[rows] > 0]
    return rows, {column: -values[rows]}


def _early(rng: np.random.Generator, draft: Draft, column: str, rows: Rows) -> Spoilt:
    event = draft.columns["event_time"][rows].astype(np.int64)
    return rows, {column: event - rng.integers(HOUR, 5 * DAY, rows.size)}


def _after_snapshot(
    rng: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    event = draft.columns[column][rows].astype(np.int64)
    lag = draft.columns["available_at"][rows].astype(np.int64) - event
    moved = SNAPSHOT + rng.integers(30 * DAY, 2000 * DAY, rows.size)
    return rows, {column: moved, "available_at": moved + lag}


def _age(rng: np.random.Generator, draft: Draft, column: str, rows: Rows) -> Spoilt:
    # First applications lie between 2024 and 2026: below 18, or above 75 years.
    young = rng.integers(2012, 2017, rows.size)
    old = rng.integers(1920, 1940, rows.size)
    return rows, {column: np.where(rng.random(rows.size) < 0.5, young, old)}


def _late_date(
    rng: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    # Reports are made within the extraction's time: days from there on are later.
    last = SNAPSHOT // DAY
    return rows, {column: last + rng.integers(1, 400, rows.size)}


def _over_limit(
    rng: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    limit = draft.columns["limit"].astype(np.float64)[rows]
    times = MOST_LIMIT_USE + 0.1 + rng.random(rows.size)
    return rows, {column: (limit * times).round(2)}


def _blocks(rng: np.random.Generator, draft: Draft, column: str, rows: Rows) -> Spoilt:
    codes = np.array(draft.columns[column][rows])
    at = rng.integers(0, codes.shape[1], rows.size)
    old = codes[np.arange(rows.size), at]
    codes[np.arange(rows.size), at] = np.where(old == ord("N"), ord("1"), ord("N"))
    return rows, {column: codes}


def _orphan(_: np.random.Generator, draft: Draft, column: str, rows: Rows) -> Spoilt:
    # No customer has that many reports.
    return rows, {column: draft.columns[column][rows].astype(np.int64) ^ UNUSED_SERIAL}


def _principal(
    rng: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    more = rng.integers(1, 20, rows.size) * 100.0
    return rows, {column: draft.columns[column].astype(np.float64)[rows] + more}


def _decimal_slip(
    _: np.random.Generator, draft: Draft, column: str, rows: Rows
) -> Spoilt:
    rows = rows[~draft.missing["seq"][rows]]
    parts = (column, "principal", "interest", "fee", "penalty")
    slipped = {
        name: draft.columns[name].astype(np.float64)[rows] * 100 for name in parts
    }
    return rows, {name: values.round(2) for name, values in slipped.items()}


_SPOILERS: Mapping[
    Breach, Callable[[np.random.Generator, Draft, str, Rows], Spoilt]
] = {
    Breach.UNKNOWN_CODE: _unknown_code,
    Breach.NEGATIVE_VALUE: _negative,
    Breach.NEGATIVE_LIMIT: _negative,
    Breach.AVAILABLE_BEFORE_EVENT: _early,
    Breach.AFTER_SNAPSHOT: _after_snapshot,
    Breach.AGE_OUT_OF_RANGE: _age,
    Breach.DATE_AFTER_REPORT: _late_date,
    Breach.OVER_LIMIT: _over_limit,
    Breach.STATUS_BLOCKS_DIFFER: _blocks,
    Breach.ORPHAN: _orphan,
    Breach.PRINCIPAL_MISMATCH: _principal,
    Breach.REPAYMENT_EXCEEDS_DUE: _decimal_slip,
}
