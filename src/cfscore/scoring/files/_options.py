"""File options: how files are scored, and what of it decides the bytes written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from cfscore.exceptions import UsageError
from cfscore.reading import ReadOptions
from cfscore.scoring._batch import OnBad
from cfscore.scoring._count import whole_number
from cfscore.writing import ROW_GROUP_ROWS, SUFFIXES, CsvFormat, Layout

__all__ = ["FileOptions", "Progress"]

#: Called with (rows done, rows in all or None, rows rejected) after every batch.
Progress = Callable[[int, int | None, int], None]

_RESULT_COLUMNS = ("log_odds", "pd", "score", "status")
#: Small enough that a run ends within a second when it is told to.
_BATCH_ROWS = 16_384


@dataclass(frozen=True)
class FileOptions:
    """How a file is scored.

    Parameters
    ----------
    reasons : int, default 0
        Number of reason codes per row.
    keep : sequence of str
        Input columns to carry over untouched, in front.
    on_bad : {"strict", "quarantine"}, default "strict"
        Whether the first row that cannot be scored refuses the run, or such rows are
        written with null scores and their status, and listed in a file of rejects.
    resume : bool, default False
        Whether what an interrupted run of the same plan, options and inputs has
        finished is taken over: parts of a folder, or the beginning of a single file.
    batch_rows : int, default 16384
        Most rows in memory at a time; the output's bytes do not depend on it.
    max_rejected : callable, optional
        Largest number of rejected rows, given the rows read; checked before the
        output appears.
    progress : callable, optional
        Called after every batch with rows done, rows in all (None where unknown) and
        rows rejected.
    layout : {"parquet", "csv", "arrow"}, optional
        Layout of the output; by its ending when omitted, in a folder that of the
        inputs where they share one.
    csv : CsvFormat
        How CSV is written.
    reading : ReadOptions
        What is declared about the inputs.
    defaults : mapping of str to cell
        What the rows of an input have in a column of the plan that it lacks: a number,
        a text, a boolean, or None for missing. Other missing columns refuse the run.
    reject_values : bool, default False
        Whether the file of rejects shows the refused cells: customers' values.
    strict_columns : bool, default False
        Whether a column of an input that is neither scored nor kept refuses it.
    expect_rows : int, optional
        Rows that the inputs must have in all.
    expect_input_sha256 : str, optional
        SHA-256 that the input, a single file, must have.

    Raises
    ------
    UsageError
        When an option is wrong or asks for what cannot be done.
    """

    reasons: int = 0
    keep: Sequence[str] = ()
    on_bad: OnBad = "strict"
    resume: bool = False
    batch_rows: int = _BATCH_ROWS
    max_rejected: Callable[[int], float] | None = None
    progress: Progress | None = None
    layout: Layout | None = None
    csv: CsvFormat = field(default_factory=CsvFormat)
    reading: ReadOptions = field(default_factory=ReadOptions)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    reject_values: bool = False
    strict_columns: bool = False
    expect_rows: int | None = None
    expect_input_sha256: str | None = None

    def __post_init__(self) -> None:
        """Check every option."""
        self._take_number("reasons")
        self._take_number("batch_rows", least=1)
        if self.expect_rows is not None:
            self._take_number("expect_rows")
        if self.on_bad not in ("strict", "quarantine"):
            msg = f"on_bad must be 'strict' or 'quarantine', got {self.on_bad!r}."
            raise UsageError(msg)
        if self.layout is not None and self.layout not in SUFFIXES.values():
            msg = f"layout must be one of {sorted(SUFFIXES.values())}."
            raise UsageError(msg)
        self._check_kept()

    def _take_number(self, name: str, least: int = 0) -> None:
        """Make a whole number a plain one: the manifest is JSON."""
        number = whole_number(name, getattr(self, name), least)
        object.__setattr__(self, name, number)

    def _check_kept(self) -> None:
        results = {*_RESULT_COLUMNS, *(f"reason_{i + 1}" for i in range(self.reasons))}
        clashing = sorted(results.intersection(self.keep))
        if clashing:
            msg = f"Kept columns have the names of result columns: {clashing}."
            raise UsageError(msg, hint="Rename them in the input.")
        if len(set(self.keep)) != len(self.keep):
            msg = "A column to keep is given twice."
            raise UsageError(msg)
        for declared in self.reading.numbers:
            if declared.column in self.keep:
                msg = f"Column {declared.column!r} has a number format and is kept."
                hint = "Kept columns are carried over untouched: leave out one of them."
                raise UsageError(msg, hint=hint)

    def config(self, layout: Layout) -> dict[str, Any]:
        """Return what decides the bytes of the output, beside plan and inputs.

        Parameters
        ----------
        layout : {"parquet", "csv", "arrow"}
            Layout of the output.
        """
        return {
            "reasons": self.reasons,
            "keep": list(self.keep),
            "on_bad": self.on_bad,
            "layout": layout,
            "csv": asdict(self.csv),
            "reading": asdict(self.reading),
            "reject_values": self.reject_values,
            "row_group_rows": ROW_GROUP_ROWS,
            "pyarrow": pa.__version__,
        }
