"""Rejects: which cell of which row cannot be scored, and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError
from cfscore.tables import FAULT_CODES, index_array
from cfscore.writing import CsvFormat

if TYPE_CHECKING:
    from cfscore.scoring._scorer import Scorer

__all__ = ["Reject", "find_rejects", "reject_header", "reject_lines", "row_faults"]

_FAULT_OF_CODE = {code: fault for fault, code in FAULT_CODES.items()}
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Reject:
    """One reason why one row is rejected.

    Parameters
    ----------
    row : int
        1-based number of the data row in its file.
    column : str or None
        The column; None where the fault is the row's.
    code : str
        A name of ``FAULT_CODES``.
    value : str or None, default None
        The cell as text: a customer's value, only where asked for.
    """

    row: int
    column: str | None
    code: str
    value: str | None = None


def find_rejects(
    scorer: Scorer,
    batch: Any,
    rows: NDArray[np.int64],
    status: NDArray[np.uint8],
    with_values: bool,
) -> list[Reject]:
    """Return every reason of the rejected rows of a batch.

    Parameters
    ----------
    scorer : Scorer
        Scores the rejected rows again, one by one, as that names all their faults.
    batch : pyarrow.RecordBatch
        The rows.
    rows : array of shape (n_rows,), int64
        Their numbers in the file.
    status : array of shape (n_rows,), uint8
        0 where scored.
    with_values : bool
        Whether the cells are shown.
    """
    positions = np.flatnonzero(status)
    if not len(positions):
        return []
    names = list(scorer.plan.schema.names)
    taken = batch.select(names).take(index_array(positions))
    rejects = []
    for i, cells in zip(positions.tolist(), taken.to_pylist(), strict=True):
        for column, code in row_faults(scorer, cells, int(status[i])):
            value = None if column is None or not with_values else cells[column]
            shown = None if value is None else str(value)
            rejects.append(Reject(int(rows[i]), column, code, shown))
    return rejects


def row_faults(
    scorer: Scorer, cells: Mapping[str, Any], status: int
) -> list[tuple[str | None, str]]:
    """Return column and fault of every cell for which a row is rejected.

    Parameters
    ----------
    scorer : Scorer
        Scores the row again, alone, as that names all its faults.
    cells : mapping of str to value
        The row.
    status : int
        Its status in a batch.
    """
    try:
        scorer.score_row(cells)
    except RowFaultError as error:
        return list(error.counts)
    return [(None, _FAULT_OF_CODE[status])]


def reject_header(form: CsvFormat, with_values: bool) -> bytes:
    """Return the first line of a list of rejects."""
    names = ["file", "row", "column", "code", *(["value"] if with_values else [])]
    return form.prefix + _encoded([names], form)


def reject_lines(
    file: str, rejects: Iterable[Reject], form: CsvFormat, with_values: bool
) -> bytes:
    """Return one line per reason."""
    lines = [
        [file, str(r.row), r.column or "", r.code, *([r.value] if with_values else [])]
        for r in rejects
    ]
    return _encoded(lines, form) if lines else b""


def _encoded(lines: Iterable[Sequence[str | None]], form: CsvFormat) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[_cell(cell, form) for cell in line] for line in lines])
    encoded = text.getvalue().encode("utf-8", "backslashreplace")
    return bytes(form.encode(memoryview(encoded)))


def _cell(text: str | None, form: CsvFormat) -> str:
    if text is None:
        return ""
    is_formula = form.excel_safe and text.startswith(_FORMULA_BEGINS)
    return f"'{text}" if is_formula else text
