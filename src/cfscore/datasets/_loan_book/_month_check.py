"""Month checks: the statuses of one account follow each other month by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.datasets._loan_book._clock import month_of_day
from cfscore.datasets._loan_book._invariant import LEAST_UNKNOWN_RUN, Breach
from cfscore.datasets._loan_book._row_check import Finding
from cfscore.datasets._loan_book._table_file import (
    TableFile,
    duplicate_rows,
    flags,
)

__all__ = ["check_months"]


def check_months(table: TableFile) -> Iterator[Finding]:
    """Yield the monthly statuses that do not fit those before them.

    Parameters
    ----------
    table : TableFile
        ``bureau_monthly_status``; rows in any order, repeated keys left out.

    Yields
    ------
    tuple of (Breach, str, array of int64)
        Breach, column and rows.
    """
    account = table.codes("report_id", "acct_no")
    month = month_of_day(table.integers("month"))
    order = np.lexsort((month, account))
    again = duplicate_rows(table.codes(*table.info.key))
    order = order[~np.isin(order, again)]
    is_first = np.ones(order.size, dtype=np.bool_)
    is_first[1:] = account[order][1:] != account[order][:-1]
    code = table.cells("code")
    is_end = flags(pc.is_in(code, value_set=pa.array(["C", "G"])))[order]
    is_unknown = flags(pc.equal(code, "#"))[order]
    has_gap = np.zeros(order.size, dtype=np.bool_)
    has_gap[1:] = ~is_first[1:] & (np.diff(month[order]) != 1)
    findings = (
        (Breach.MONTH_GAP, "month", has_gap),
        (Breach.STATUS_AFTER_END, "code", _after(is_end, is_first)),
        (Breach.UNKNOWN_RUN, "code", _in_long_run(is_unknown, is_first)),
    )
    for breach, column, mask in findings:
        yield breach, column, np.sort(order[mask])


def _after(is_end: NDArray[np.bool_], is_first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows behind an end within the same account."""
    at = np.arange(is_end.size)
    start = np.maximum.accumulate(np.where(is_first, at, 0))
    last_end = np.maximum.accumulate(np.where(is_end, at, -1))
    before = np.concatenate([[-1], last_end[:-1]]) if at.size else last_end
    return np.asarray(before >= start)


def _in_long_run(
    is_unknown: NDArray[np.bool_], is_first: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the rows of runs of unknown months that are long enough."""
    starts = is_unknown.copy()
    starts[1:] &= is_first[1:] | ~is_unknown[:-1]
    run = np.cumsum(starts) - 1
    length = np.bincount(run[is_unknown], minlength=int(starts.sum()))
    is_long = np.zeros(is_unknown.size, dtype=np.bool_)
    is_long[is_unknown] = length[run[is_unknown]] >= LEAST_UNKNOWN_RUN
    return is_long
