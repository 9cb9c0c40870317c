"""Batch function: scoring by the workers of another engine, one thread each.

Spark, Ray and Dask hand batches of rows to functions in processes of their own, perhaps
on other machines. What they are handed must be small, must not depend on files that
only one machine has, and must not load its plan for every batch.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import SchemaError
from cfscore.plan import decode_plan
from cfscore.scoring._arrow import integer_array
from cfscore.scoring._batch import ScoreBatch
from cfscore.scoring._load import check_golden, load_plan
from cfscore.scoring._scorer import Scorer
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._rejects import row_faults
from cfscore.tables import index_array, keep_columns, text_array

__all__ = ["BatchFunction", "batch_function"]


@dataclass(frozen=True, eq=False)
class BatchFunction:
    """Scores batches with a plan that is loaded once per process.

    Rows that cannot be scored are no errors, which would end the job, but have null
    scores, a status and the list of their faults: columns ``status`` and ``rejects``.

    Parameters
    ----------
    plan_bytes : bytes
        A plan file; checked in each process before anything is built from it.
    reasons : int
        Number of reason codes per row.
    keep : tuple of str
        Input columns to carry over untouched, in front.
    """

    plan_bytes: bytes = field(repr=False)
    reasons: int
    keep: tuple[str, ...]

    def __call__(self, table: Any) -> Any:
        """Score one batch.

        Parameters
        ----------
        table : pyarrow.Table or pandas.DataFrame
            At least the columns of the plan and those that are kept.

        Returns
        -------
        pyarrow.Table or pandas.DataFrame
            As given: kept columns, log_odds, pd, score, reason_1 .. reason_k, status,
            rejects.
        """
        scorer = self._scorer()
        scored = scorer.score(table, reasons=self.reasons, on_bad="quarantine")
        if isinstance(table, pa.Table):
            results = _with_rejects(
                scorer, scored, lambda rows: _arrow_rows(table, rows)
            )
            return self._after_kept(table, results)
        results = _with_rejects(scorer, scored, lambda rows: _frame_rows(table, rows))
        columns = {name: results[name].to_numpy() for name in results.column_names}
        return table[list(self.keep)].assign(**columns)

    def stream(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield a scored record batch for each one given; for ``mapInArrow``."""
        for batch in batches:
            table = self(pa.Table.from_batches([batch]))
            yield from table.combine_chunks().to_batches()

    def _after_kept(self, table: Any, results: Any) -> Any:
        if not self.keep:
            return results
        kept = keep_columns(table, self.keep)
        return pa.Table.from_arrays(
            [*kept.columns, *results.columns],
            names=[*self.keep, *results.column_names],
        )

    def _scorer(self) -> Scorer:
        """Return this process's scorer of the plan, made from it the first time."""
        digest = hashlib.sha256(self.plan_bytes).digest()
        with _lock:
            if digest not in _scorers:
                plan = decode_plan(self.plan_bytes)
                check_golden(plan)
                _scorers[digest] = Scorer(plan, threads=1)
            return _scorers[digest]


_scorers: dict[bytes, Scorer] = {}
_lock = threading.Lock()


def _arrow_rows(table: Any, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.take(index_array(rows)).to_pylist()
    return found


def _frame_rows(frame: Any, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.iloc[rows].to_dict("records")
    return found


def _with_rejects(
    scorer: Scorer,
    scored: ScoreBatch,
    rows_at: Callable[[NDArray[np.int64]], list[dict[str, Any]]],
) -> Any:
    """Return the results with the faults of each row as text, null where scored."""
    results = scored.to_arrow()
    # Not every engine has unsigned numbers.
    status = integer_array(scored.status).cast(pa.int16())
    texts: list[str | None] = [None] * len(scored)
    refused = np.flatnonzero(scored.status)
    cells_of_rows = rows_at(refused) if len(refused) else []
    for i, cells in zip(refused.tolist(), cells_of_rows, strict=True):
        faults = row_faults(scorer, cells, int(scored.status[i]))
        texts[i] = "; ".join(f"{column or '*'}: {fault}" for column, fault in faults)
    return pa.Table.from_arrays(
        [*results.columns[:-1], status, text_array(texts)],
        names=[*results.column_names, "rejects"],
    )


def batch_function(
    plan_path: str | os.PathLike[str],
    reasons: int = 4,
    keep: Sequence[str] = (),
    *,
    expect_sha256: str | None = None,
) -> BatchFunction:
    """Return a function that scores batches in other processes.

    Parameters
    ----------
    plan_path : str or path
        A plan file; read here, and sent with the function.
    reasons : int, default 4
        Number of reason codes per row.
    keep : sequence of str
        Input columns to carry over untouched, in front.
    expect_sha256 : str, optional
        Hash of the plan file, see ``load_plan``.

    Raises
    ------
    ArtifactError
        When the plan is refused.
    UsageError
        When a kept column has the name of a result, or ``reasons`` is no integer.
    """
    plan = load_plan(plan_path, expect_sha256=expect_sha256)
    options = FileOptions(reasons=reasons, keep=tuple(keep))
    if "rejects" in options.keep:
        raise SchemaError([("rejects", "NAME", "is the name of a result; rename it")])
    return BatchFunction(plan.to_bytes(), options.reasons, tuple(options.keep))
