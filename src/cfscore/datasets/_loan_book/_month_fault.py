"""Month faults: gaps, runs of unknown months and months after the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._clock import (
    day_start,
    month_of_day,
    month_start,
)
from cfscore.datasets._loan_book._draft import Draft
from cfscore.datasets._loan_book._invariant import LEAST_UNKNOWN_RUN, Breach
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_bureau import BUREAU_MONTHLY_STATUS

__all__ = ["plant_month_faults"]

_CODES = BUREAU_MONTHLY_STATUS.column("code").levels
_UNKNOWN, _PAID = _CODES.index("#"), _CODES.index("N")
_ENDS = (_CODES.index("C"), _CODES.index("G"))

#: Months of a planted run.
_RUN = (LEAST_UNKNOWN_RUN, LEAST_UNKNOWN_RUN + 5)


def plant_month_faults(
    rng: np.random.Generator,
    draft: Draft,
    shares: Mapping[Breach, float],
    codes: Sequence[Breach],
) -> Draft:
    """Return monthly statuses with faults of their sequence.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    draft : Draft
        Rows by report, account and month.
    shares : mapping of Breach to float
        Share of the rows; of the ends for months after the end.
    codes : sequence of Breach
        The number of a breach is its position and one.

    Returns
    -------
    Draft
        Runs first, then gaps, which shorten no run, then months after the end.
    """
    number = {breach: 1 + codes.index(breach) for breach in shares}
    draft = _plant_runs(rng, draft, shares, number)
    draft = _plant_gaps(rng, draft, shares, number)
    return _plant_after_end(rng, draft, shares, number)


def _same_account(draft: Draft, step: int) -> NDArray[np.bool_]:
    """Return whether the row ``step`` further belongs to the same account."""
    report, account = draft.columns["report_id"], draft.columns["acct_no"]
    is_same = (np.roll(report, -step) == report) & (np.roll(account, -step) == account)
    edge = slice(0, -step) if step < 0 else slice(draft.n_rows - step, None)
    is_same[edge] = False
    return np.asarray(is_same)


def _plant_runs(
    rng: np.random.Generator,
    draft: Draft,
    shares: Mapping[Breach, float],
    number: Mapping[Breach, int],
) -> Draft:
    code = np.array(draft.columns["code"])
    fault = np.array(draft.fault)
    chance = shares[Breach.UNKNOWN_RUN] / np.mean(_RUN)
    for first in np.flatnonzero(rng.random(draft.n_rows) < chance):
        rows = first + np.arange(-1, rng.integers(*_RUN) + 1)
        if not _is_one_account(draft, rows):
            continue
        around = code[rows[[0, -1]]] == _UNKNOWN
        inside = rows[1:-1]
        # An unknown month beside it would make the run longer than it is told.
        if around.any() or np.isin(code[inside], _ENDS).any() or fault[inside].any():
            continue
        code[inside] = _UNKNOWN
        fault[inside] = number[Breach.UNKNOWN_RUN]
    return replace(draft, columns={**draft.columns, "code": code}, fault=fault)


def _is_one_account(draft: Draft, rows: NDArray[np.int64]) -> bool:
    if rows[0] < 0 or rows[-1] >= draft.n_rows:
        return False
    first, last = rows[0], rows[-1]
    return all(
        draft.columns[name][first] == draft.columns[name][last]
        for name in ("report_id", "acct_no")
    )


def _plant_gaps(
    rng: np.random.Generator,
    draft: Draft,
    shares: Mapping[Breach, float],
    number: Mapping[Breach, int],
) -> Draft:
    """Drop months that have a neighbour on both sides, all three of them clean."""
    is_clean = draft.fault == 0
    is_drawn = rng.random(draft.n_rows) < shares[Breach.MONTH_GAP]
    can_go = is_clean & _same_account(draft, 1) & _same_account(draft, -1)
    can_go &= np.roll(is_clean, 1) & np.roll(is_clean, -1)
    can_go &= draft.columns["code"] != _UNKNOWN
    goes = is_drawn & can_go
    goes[1:] &= ~goes[:-1]  # one month at a time
    fault = np.array(draft.fault)
    fault[np.flatnonzero(goes) + 1] = number[Breach.MONTH_GAP]
    return replace(draft, fault=fault).take(~goes)


def _plant_after_end(
    rng: np.random.Generator,
    draft: Draft,
    shares: Mapping[Breach, float],
    number: Mapping[Breach, int],
) -> Draft:
    """Let some ended accounts go on for a month that the report can know."""
    month = month_of_day(draft.columns["month"].astype(np.int64)) + 1
    event = day_start(month_start(month + 1))
    ends = np.isin(draft.columns["code"], _ENDS) & (draft.fault == 0)
    ends &= event <= draft.columns["available_at"].astype(np.int64)
    ends &= rng.random(draft.n_rows) < shares[Breach.STATUS_AFTER_END]
    rows = np.sort(np.concatenate([np.arange(draft.n_rows), np.flatnonzero(ends)]))
    longer = draft.take(rows)
    added = np.flatnonzero(running_number(rows) == 1)
    source = rows[added]
    columns = {name: np.array(values) for name, values in longer.columns.items()}
    columns["month"][added] = month_start(month)[source]
    columns["event_time"][added] = event[source]
    columns["code"][added] = _PAID
    columns["overdue_amount"][added] = 0.0
    fault = np.array(longer.fault)
    fault[added] = number[Breach.STATUS_AFTER_END]
    return replace(longer, columns=columns, fault=fault)
