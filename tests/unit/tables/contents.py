"""What a column batch holds, in a form that two batches can be compared in."""

from __future__ import annotations

import numpy as np

from cfscore.tables import FAULT_CODES, NumericColumn


def bits(values):
    """Return float64 values as integers, so that -0.0 and 0.0 differ, all NaN alike."""
    values = np.asarray(values, np.float64)
    return np.where(np.isnan(values), np.nan, values).view(np.int64).tolist()


def keys_by_row(column):
    return [None if code < 0 else column.keys[code] for code in column.codes.tolist()]


def contents(batch):
    """Return the cells by column, the status by row and the counts."""
    cells = {
        name: bits(column.values)
        if isinstance(column, NumericColumn)
        else keys_by_row(column)
        for name, column in batch.columns.items()
    }
    if batch.faults is None:
        return cells, [0] * batch.n_rows, {}
    return cells, batch.faults.status.tolist(), dict(batch.faults.counts)


def contents_of_rows(rows, schema):
    """Return the same of rows as ``RowReader`` has read them."""
    cells = {
        field.name: bits([row[0][i] for row in rows])
        if field.kind == "numeric"
        else [row[0][i] for row in rows]
        for i, field in enumerate(schema.fields)
    }
    status = [FAULT_CODES[faults[0][1]] if faults else 0 for _, faults in rows]
    counts = {}
    for _, faults in rows:
        for fault in faults:
            counts[fault] = counts.get(fault, 0) + 1
    return cells, status, counts
