"""Scorer: one plan applied to tables, streams, files and single rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError, UsageError
from cfscore.execution import available_threads
from cfscore.plan import LANGUAGES, ScoringPlan
from cfscore.scoring._arrow import join_kept
from cfscore.scoring._batch import BatchCounts, OnBad, ScoreBatch
from cfscore.scoring._count import whole_number
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._forest_row import ForestRowScorer
from cfscore.scoring._load import check_golden_reasons
from cfscore.scoring._row import RowScorer
from cfscore.scoring._row_score import RowScore, ScoresRows
from cfscore.tables import ColumnBatch, read_table

if TYPE_CHECKING:
    from cfscore.scoring.files import FileReport

__all__ = ["Scorer"]


class Scorer:
    """Scores tables and rows with one plan.

    A scorer is immutable: it may be shared between threads, used after a fork, and
    pickled for another process. The same row gives the same bits alone, in a batch of
    any size, in any container and with any number of threads.

    Parameters
    ----------
    plan : ScoringPlan
        The plan, compiled or loaded.
    threads : int, optional
        Upper bound of threads for large tables; all available CPUs when omitted.

    Raises
    ------
    UsageError
        When ``plan`` is not a plan or ``threads`` is not a positive integer.
    """

    def __init__(self, plan: ScoringPlan, threads: int | None = None) -> None:
        if not isinstance(plan, ScoringPlan):
            msg = f"Scorer needs a ScoringPlan, got {type(plan).__name__}."
            hint = "Use load_plan(path) or compile_plan(model)."
            raise UsageError(msg, hint=hint)
        self._plan = plan
        self._given = {"plan": plan, "threads": threads}
        self._threads = (
            available_threads()
            if threads is None
            else whole_number("threads", threads, least=1)
        )
        self._runtime = PlanRuntime(plan, check_golden_reasons)
        self._engine = self._runtime.engine
        self._row_scorer: ScoresRows = (
            ForestRowScorer(self._runtime)
            if plan.is_forest
            else RowScorer(self._runtime)
        )

    def __repr__(self) -> str:
        """Return the plan and the threads."""
        return f"Scorer({self._plan!r}, threads={self._threads})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make the scorer again: of its plan, not of what was built."""
        return _scorer_of, (type(self), self._given)

    def __copy__(self) -> Self:
        """Return a scorer that shares what takes long to build."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    @property
    def plan(self) -> ScoringPlan:
        """The plan that scores."""
        return self._plan

    @property
    def threads(self) -> int:
        """Upper bound of threads."""
        return self._threads

    def score(
        self,
        table: Any,
        reasons: int = 0,
        contributions: bool = False,
        on_bad: OnBad = "strict",
        language: str = "en",
    ) -> ScoreBatch:
        """Score every row of a table.

        Parameters
        ----------
        table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
            Columns are matched by name, extra ones ignored; a bare 2-D array has the
            plan's columns in the plan's order.
        reasons : int, default 0
            Number of reason codes per row.
        contributions : bool, default False
            Whether to return the contribution of every feature.
        on_bad : {"strict", "quarantine"}, default "strict"
            Whether a row that cannot be scored refuses the table or gets NaN scores
            and a status code.
        language : {"en", "zh"}, default "en"
            Language of ``reason_texts``.

        Returns
        -------
        ScoreBatch
            One entry per row, in row order.

        Raises
        ------
        SchemaError
            When columns are missing or of a kind that cannot be read; all are listed.
        RowFaultError
            With ``on_bad="strict"``, when a row cannot be scored.
        ArtifactError
            When a forest explains for the first time and its golden reasons do not
            reproduce.
        """
        batch = read_table(table, self._plan.schema, threads=self._threads)
        return self.score_columns(
            batch,
            reasons=reasons,
            contributions=contributions,
            on_bad=on_bad,
            language=language,
        )

    def score_columns(
        self,
        batch: ColumnBatch,
        *,
        reasons: int = 0,
        contributions: bool = False,
        on_bad: OnBad = "strict",
        language: str = "en",
        count: bool = False,
    ) -> ScoreBatch:
        """Score a batch of columns that has already been read.

        Parameters
        ----------
        batch : ColumnBatch
            Columns of the plan's schema.
        reasons : int, default 0
            Number of reason codes per row.
        contributions : bool, default False
            Whether to return the contribution of every feature.
        on_bad : {"strict", "quarantine"}, default "strict"
            As in ``score``.
        language : {"en", "zh"}, default "en"
            Language of ``reason_texts``.
        count : bool, default False
            Whether to count missing, unseen and special cells into ``counts.roles``.

        Returns
        -------
        ScoreBatch
            One entry per row, in row order.

        Raises
        ------
        RowFaultError
            With ``on_bad="strict"``, when a row cannot be scored.
        """
        reasons = whole_number("reasons", reasons)
        _check_options(on_bad, language)
        explained = _Explanation(self._runtime, batch, reasons, contributions)
        scores = self._engine.run(
            batch,
            threads=self._threads,
            count=count,
            consumer=explained.add if explained.is_wanted else None,
        )
        if on_bad == "strict" and scores.status.any():
            bad = int(np.count_nonzero(scores.status))
            raise RowFaultError(batch.n_rows, bad, scores.fault_counts)
        explained.blank(scores.status)
        return ScoreBatch(
            plan=self._plan,
            margin=scores.margin,
            log_odds=scores.log_odds,
            pd=scores.pd,
            score=scores.score,
            status=scores.status,
            reason_indices=explained.reasons,
            contributions=explained.contributions,
            counts=BatchCounts(
                scores.fault_counts, scores.role_counts or {}, scores.infinite_counts
            ),
            language=language,
        )

    def score_row(
        self, row: Mapping[str, Any], reasons: int = 0, language: str = "en"
    ) -> RowScore:
        """Score one row, with the same bits as in a batch.

        Parameters
        ----------
        row : mapping of str to value
            At least the plan's columns; others are ignored.
        reasons : int, default 0
            Number of reasons.
        language : {"en", "zh"}, default "en"
            Language of the reasons' texts.

        Returns
        -------
        RowScore
            With ``reasons`` as (code, text, contribution), most harmful first.

        Raises
        ------
        SchemaError
            When columns are missing; all are listed.
        RowFaultError
            When a cell cannot be read or a policy refuses it; all are listed.
        """
        return self._row_scorer.score(row, reasons=reasons, language=language)

    def score_batches(
        self,
        batches: Iterable[pa.RecordBatch],
        reasons: int = 0,
        keep: Iterable[str] = (),
        on_bad: OnBad = "strict",
    ) -> Iterator[pa.RecordBatch]:
        """Score record batches one by one, in bounded memory.

        Parameters
        ----------
        batches : iterable of pyarrow.RecordBatch
            Input batches with the plan's columns.
        reasons : int, default 0
            Number of reason codes per row.
        keep : iterable of str
            Input columns to carry over untouched, in front.
        on_bad : {"strict", "quarantine"}, default "strict"
            See ``score``.

        Yields
        ------
        pyarrow.RecordBatch
            One per input batch, as many rows: kept columns, log_odds, pd, score,
            reason_1 .. reason_k, status.
        """
        kept = tuple(keep)
        for batch in batches:
            scored = self.score(batch, reasons=reasons, on_bad=on_bad)
            yield _one_batch(join_kept(batch, kept, scored.to_arrow()))

    def score_file(
        self,
        source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        target: str | os.PathLike[str],
        reasons: int = 0,
        keep: Iterable[str] = (),
        on_bad: OnBad = "strict",
        resume: bool = False,
        **options: Any,
    ) -> FileReport:
        """Score Parquet, CSV or Arrow files into one new file, whole or not at all.

        Beside it appear a manifest, and a list of rejected rows where they are put in
        quarantine.

        Parameters
        ----------
        source : path, pattern or sequence of them
            Input files, read in sorted order.
        target : path
            ``.parquet``, ``.csv`` or ``.arrow``; or a folder, which gets files of about
            a million rows each; or ``"-"``, an Arrow stream on standard output.
        reasons : int, default 0
            Number of reason codes per row.
        keep : iterable of str
            Input columns to carry over untouched, in front.
        on_bad : {"strict", "quarantine"}, default "strict"
            Whether the first row that cannot be scored refuses the file, or such rows
            are written with null scores and their status.
        resume : bool, default False
            Whether what an interrupted run of the same plan, options and inputs has
            finished is taken over; the output is the same, byte for byte.
        **options
            The other fields of ``FileOptions``: ``batch_rows``, ``max_rejected``,
            ``progress``, ``layout``, ``csv``, ``reading``, ``defaults``,
            ``reject_values``, ``expect_rows`` and ``expect_input_sha256``.

        Returns
        -------
        FileReport
            Every row accounted for.

        Raises
        ------
        UsageError
            When an option is wrong, or the target is one of the sources or lies where
            a folder or pattern of them would find it.
        InputError
            When an input is refused; the target is then untouched.
        OutputError
            When the target cannot be written, or another run is writing it; it is then
            untouched.
        """
        # late: its readers and writers are 0.1 s of a process that scores no file
        files = import_module("cfscore.scoring.files")
        chosen = files.FileOptions(reasons, tuple(keep), on_bad, resume, **options)
        report: FileReport = files.score_file(self, source, target, chosen)
        return report


def _scorer_of(kind: type[Scorer], given: Mapping[str, Any]) -> Scorer:
    """Return a scorer of the arguments it was made with; what a pickle calls."""
    return kind(**given)


class _Explanation:
    """Collects reasons and contributions block by block."""

    def __init__(
        self, runtime: PlanRuntime, batch: ColumnBatch, k: int, contributions: bool
    ) -> None:
        self.batch = batch
        self.reasons = np.empty((batch.n_rows, k), np.int16)
        self.is_wanted = k > 0 or contributions
        n_columns = len(runtime.plan.schema)
        self.contributions = (
            np.empty((batch.n_rows, n_columns)) if contributions else None
        )
        self.explainer = runtime.explainer if self.is_wanted else None

    def add(self, block: NDArray[Any], first: int, n: int) -> None:
        """Take the rows ``[first, first + n)``."""
        assert self.explainer is not None
        rows = slice(first, first + n)
        found = None if self.contributions is None else self.contributions[rows]
        self.explainer.explain(block, self.batch, rows, self.reasons[rows], found)

    def blank(self, status: NDArray[np.uint8]) -> None:
        """Remove what was collected for refused rows."""
        refused = status != 0
        if refused.any():
            self.reasons[refused] = -1
            if self.contributions is not None:
                self.contributions[refused] = np.nan


def _check_options(on_bad: str, language: str) -> None:
    if on_bad not in ("strict", "quarantine"):
        msg = f"on_bad must be 'strict' or 'quarantine', got {on_bad!r}."
        raise UsageError(msg)
    if language not in LANGUAGES:
        msg = f"language must be one of {LANGUAGES}, got {language!r}."
        raise UsageError(msg)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    merged = table.combine_chunks().to_batches()
    return merged[0] if merged else pa.RecordBatch.from_pylist([], table.schema)
