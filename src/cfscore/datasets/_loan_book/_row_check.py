"""Row checks: invariants that one row of one table keeps or breaks by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.datasets._loan_book._invariant import MOST_LIMIT_USE, Breach
from cfscore.datasets._loan_book._table_file import (
    TableFile,
    duplicate_rows,
    flags,
)

__all__ = ["Finding", "check_rows"]

#: Breach, column it is reported for (empty: the row itself), and rows.
Finding = tuple[Breach, str, NDArray[np.int64]]

_LIMITS = ("limit", "shared_limit")


def check_rows(table: TableFile, snapshot: int | None) -> Iterator[Finding]:
    """Yield the rows that break an invariant by themselves.

    Parameters
    ----------
    table : TableFile
        Any table of the loan book.
    snapshot : int, microseconds since 1970-01-01 UTC, or None
        When the tables were extracted; None leaves that invariant out.

    Yields
    ------
    tuple of (Breach, str, array of int64)
        Breach, column and rows.
    """
    yield Breach.KEY_DUPLICATE, "", duplicate_rows(table.codes(*table.info.key))
    for column in table.info.columns:
        name = column.name
        if not column.missing:
            yield Breach.REQUIRED_MISSING, name, np.flatnonzero(table.is_null(name))
        if column.levels:
            yield Breach.UNKNOWN_CODE, name, _unknown(table, name)
        if column.unit.startswith("CNY") and name not in _LIMITS:
            below = np.flatnonzero(table.floats(name) < 0)
            yield Breach.NEGATIVE_VALUE, name, below
        if name in _LIMITS:
            below = np.flatnonzero(table.floats(name) < 0)
            yield Breach.NEGATIVE_LIMIT, name, below
    if "event_time" in table.info.column_names:
        yield from _check_times(table, snapshot)
    if table.info.name == "bureau_accounts":
        yield Breach.OVER_LIMIT, "used", _over_limit(table)
        yield Breach.STATUS_BLOCKS_DIFFER, "status_24m", _blocks_differ(table)


def _unknown(table: TableFile, name: str) -> NDArray[np.int64]:
    cells = table.cells(name)
    known = pc.is_in(cells, value_set=pa.array(table.info.column(name).levels))
    return np.flatnonzero(~flags(known) & flags(pc.is_valid(cells)))


def _check_times(table: TableFile, snapshot: int | None) -> Iterator[Finding]:
    has_both = ~(table.is_null("event_time") | table.is_null("available_at"))
    event = table.integers("event_time")
    is_early = has_both & (table.integers("available_at") < event)
    yield Breach.AVAILABLE_BEFORE_EVENT, "available_at", np.flatnonzero(is_early)
    if snapshot is not None:
        is_late = event >= snapshot
        yield Breach.AFTER_SNAPSHOT, "event_time", np.flatnonzero(is_late)


def _over_limit(table: TableFile) -> NDArray[np.int64]:
    limit = table.floats("limit")
    return np.flatnonzero(
        (limit >= 0) & (table.floats("used") > MOST_LIMIT_USE * limit + 0.005)
    )


def _blocks_differ(table: TableFile) -> NDArray[np.int64]:
    last = pc.utf8_slice_codeunits(table.cells("status_60m"), start=-24)
    return np.flatnonzero(flags(pc.not_equal(table.cells("status_24m"), last)))
