"""Refusal: cells that a policy of ``"error"`` or the reader does not let through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.binning._characteristic import FittedCharacteristic
from cfscore.binning._table import BinTable
from cfscore.exceptions import FitError, RowFaultError
from cfscore.tables import ColumnBatch, NumericColumn

__all__ = ["refuse_faulty_rows", "refuse_training_values"]

_FAULT_OF_ROLE = {"missing": "MISSING", "special": "SPECIAL", "unseen": "UNSEEN"}


def refuse_faulty_rows(
    batch: ColumnBatch,
    tables: Mapping[str, BinTable],
    attributes: Mapping[str, NDArray[np.uint16]],
) -> None:
    """Refuse a table with cells that cannot be read or that a policy refuses.

    Parameters
    ----------
    batch : ColumnBatch
        The table.
    tables : mapping of str to BinTable
        Bin table of each column.
    attributes : mapping of str to array of shape (n_rows,), uint16
        Attribute of each row in each column.

    Raises
    ------
    RowFaultError
        With the number of rows, and of cells by column and fault.
    """
    counts: Counter[tuple[str, str]] = Counter()
    bad_rows = np.zeros(batch.n_rows, dtype=np.bool_)
    if batch.faults is not None:
        counts.update(batch.faults.counts)
        bad_rows |= batch.faults.status > 0
    readable = ~bad_rows
    for name, table in tables.items():
        for fault, mask in _policy_faults(batch, table, attributes[name]):
            n_cells = int(np.count_nonzero(mask & readable))
            if n_cells:
                counts[name, fault] += n_cells
                bad_rows |= mask
    if counts:
        raise RowFaultError(batch.n_rows, int(np.count_nonzero(bad_rows)), counts)


def _policy_faults(
    batch: ColumnBatch, table: BinTable, attributes: NDArray[np.uint16]
) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    """Yield fault name and row mask of every refusal in force in one column."""
    for i, (role, policy) in enumerate(zip(table.roles, table.policies, strict=True)):
        if policy == "error":
            yield _FAULT_OF_ROLE[role], attributes == i
    column = batch.columns[table.name]
    if table.non_finite == "error" and isinstance(column, NumericColumn):
        yield "NOT_FINITE", np.isinf(column.values)


def refuse_training_values(fitted: Mapping[str, FittedCharacteristic]) -> None:
    """Refuse training data that hold what scoring will refuse.

    Raises
    ------
    FitError
        Naming every such column with the number of cases.
    """
    found = [
        f"column {name!r}: {n_cases} x {fault}"
        for name, characteristic in fitted.items()
        for fault, n_cases in _training_faults(characteristic)
        if n_cases
    ]
    if found:
        msg = f"The policy 'error' refuses training cases: {'; '.join(found[:20])}."
        hint = "Leave these rows out of training, or choose another policy."
        raise FitError(msg, code="REFUSED_VALUES", hint=hint)


def _training_faults(fitted: FittedCharacteristic) -> Iterable[tuple[str, int]]:
    table, counts = fitted.table, fitted.counts
    for i, (role, policy) in enumerate(zip(table.roles, table.policies, strict=True)):
        if policy == "error":
            yield _FAULT_OF_ROLE[role], int(table.counts[i])
    if table.non_finite == "error" and isinstance(counts.values, NumericColumn):
        yield "NOT_FINITE", int(counts.rows[np.isinf(counts.values.values)].sum())
