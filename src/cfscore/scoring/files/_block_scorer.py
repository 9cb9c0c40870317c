"""Block scorer: what was read becomes rows of the output, rejects and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.reading import InputBlock, RowReject, Source, WorkUnit
from cfscore.scoring._arrow import join_kept, result_table
from cfscore.scoring._batch import ScoreBatch
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._rejects import Reject, find_rejects
from cfscore.scoring.files._tally import CellCounter, Tally
from cfscore.tables import FAULT_CODES, index_array, keep_columns, read_table

if TYPE_CHECKING:
    from cfscore.scoring._scorer import Scorer

__all__ = ["BlockScorer", "ScoredBlock"]


@dataclass(frozen=True, eq=False)
class ScoredBlock:
    """Consecutive rows of one unit, scored or rejected.

    Parameters
    ----------
    unit : WorkUnit
        The unit.
    table : pyarrow.Table
        Rows of the output, one per row of the input.
    rejects : list of Reject
        Reasons in order of rows; empty where the run does not list them.
    tally : Tally
        What was met.
    last_row : int
        1-based number of the last row in its file; 0 for no rows.
    """

    unit: WorkUnit
    table: Any
    rejects: list[Reject]
    tally: Tally
    last_row: int


class BlockScorer:
    """Scores blocks, in any thread.

    Parameters
    ----------
    scorer : Scorer
        Scores each block with one thread.
    options : FileOptions
        Reasons, kept columns, bad rows.
    sources : sequence of Source
        The inputs, of one type in every kept column.
    """

    def __init__(
        self, scorer: Scorer, options: FileOptions, sources: Sequence[Source]
    ) -> None:
        self.scorer = scorer
        self.options = options
        self.keep = tuple(options.keep)
        self.lists_rejects = options.on_bad == "quarantine"
        self.codes = [reason.code for reason in scorer.plan.catalogue.reasons]
        self.counter = CellCounter(scorer.plan)
        self.columns = list(dict.fromkeys([*scorer.plan.schema.names, *self.keep]))
        #: Columns of which only the codes are wanted.
        self.encoded = frozenset(
            field.name
            for field in scorer.plan.schema.fields
            if field.kind == "categorical" and field.name not in self.keep
        )
        first = sources[0]
        self.kept_types = [kept_type(sources, name) for name in self.keep]
        table, _, no_rows = self._table(first.empty(self.columns))
        #: Schema of the output, reason codes as dictionaries.
        self.schema = table.schema
        #: Counts of no rows: all zero, but for all columns.
        self.no_rows = no_rows

    def score(self, item: tuple[WorkUnit, InputBlock]) -> ScoredBlock:
        """Return what becomes of one block."""
        unit, block = item
        table, scored, tally = self._table(block.batch)
        rejects = self._rejects(block, scored) if self.lists_rejects else []
        if block.rejects:
            table = self._with_unread_rows(table, block)
            for reject in block.rejects:
                tally.cells[reject.column or "*", "fault", reject.code] += 1
        n_refused = int(np.count_nonzero(scored.status)) + block.n_rejected
        tally.rows[unit.source] += block.n_rows
        tally.rejected[unit.source] += n_refused
        last_read = int(block.rows[-1]) if len(block.rows) else 0
        last_unread = block.rejects[-1].row if block.rejects else 0
        return ScoredBlock(unit, table, rejects, tally, max(last_read, last_unread))

    def _table(self, batch: Any) -> tuple[Any, ScoreBatch, Tally]:
        columns = read_table(batch, self.scorer.plan.schema)
        scored = self.scorer.score_columns(
            columns, reasons=self.options.reasons, on_bad="quarantine", count=True
        )
        results = result_table(
            {"log_odds": scored.log_odds, "pd": scored.pd, "score": scored.score},
            scored.reason_indices,
            self.codes,
            scored.status,
            decoded=False,
        )
        table = self._of_kept_types(join_kept(batch, self.keep, results))
        return table, scored, self.counter.count(columns, scored)

    def _of_kept_types(self, table: Any) -> Any:
        """Return a table, whose first columns are kept, in the types of the output."""
        for i, kind in enumerate(self.kept_types):
            if table.column(i).type != kind:
                table = table.set_column(i, self.keep[i], table.column(i).cast(kind))
        return table

    def _rejects(self, block: InputBlock, scored: ScoreBatch) -> list[Reject]:
        found = find_rejects(
            self.scorer,
            block.batch,
            block.rows,
            scored.status,
            self.options.reject_values,
        )
        unread = [Reject(r.row, r.column, r.code) for r in block.rejects]
        return sorted([*found, *unread], key=lambda reject: reject.row)

    def _with_unread_rows(self, table: Any, block: InputBlock) -> Any:
        """Return the rows with those that could not be read, in the input's order.

        They have their status and those kept cells that could be read, so that the n-th
        row of the output is the n-th of the input.
        """
        first_faults = _first_faults(block.rejects)
        numbers = np.fromiter(first_faults, np.int64, len(first_faults))
        codes = [FAULT_CODES[fault] for fault in first_faults.values()]
        unread = _unread_rows(table.schema, np.array(codes, np.uint8))
        if block.unread is not None and self.keep:
            kept = self._of_kept_types(keep_columns(block.unread.batch, self.keep))
            unread = _with_cells(unread, numbers, kept, block.unread.rows)
        order = np.argsort(np.concatenate((block.rows, numbers)), kind="stable")
        return pc.take(pa.concat_tables([table, unread]), index_array(order))


def _first_faults(rejects: Sequence[RowReject]) -> dict[int, str]:
    faults: dict[int, str] = {}
    for reject in rejects:
        faults.setdefault(reject.row, reject.code)
    return faults


def _unread_rows(schema: Any, status: NDArray[np.uint8]) -> Any:
    n = len(status)
    columns = [pa.nulls(n, field.type) for field in schema]
    columns[-1] = pa.Array.from_buffers(pa.uint8(), n, [None, pa.py_buffer(status)])
    return pa.Table.from_arrays(columns, schema=schema)


def _with_cells(
    unread: Any, numbers: NDArray[np.int64], kept: Any, rows: NDArray[np.int64]
) -> Any:
    """Return rows with the cells that were read of some of them.

    Parameters
    ----------
    unread : pyarrow.Table
        Rows without cells, kept columns first.
    numbers : array of shape (n_unread,), int64
        Their numbers.
    kept : pyarrow.Table
        Kept columns of the rows that have cells.
    rows : array of shape (kept.num_rows,), int64
        Their numbers, ascending, some of ``numbers``.
    """
    positions = np.searchsorted(rows, numbers)
    taken = kept.take(index_array(positions, np.isin(numbers, rows)))
    columns = [*taken.columns, *unread.columns[kept.num_columns :]]
    return pa.Table.from_arrays(columns, schema=unread.schema)


def kept_type(sources: Sequence[Source], name: str) -> Any:
    """Return the type in which a kept column is written.

    That of the first input which has it; where none has, that of its default.
    """
    held = (source.field(name).type for source in sources if name in source.columns)
    return plain_type(next(held, sources[0].field(name).type))


def plain_type(kind: Any) -> Any:
    """Return the type in which a kept column is written: its values', no codes'."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    return pa.string() if kind == pa.string_view() else kind
