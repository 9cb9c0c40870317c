"""Estimate: what a run would do and how long it would take, from its first rows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from cfscore.reading import InputBlock, WorkUnit, read_unit
from cfscore.scoring.files._block_scorer import BlockScorer
from cfscore.scoring.files._run import FileRun
from cfscore.scoring.files._tally import Tally

__all__ = ["RunEstimate", "estimate_run"]

_SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class RunEstimate:
    """What a run that has not been begun would do.

    Parameters
    ----------
    sources : tuple of str
        Input files; they have all columns, or defaults for them, in types that can be
        scored.
    target : str
        Output.
    layout : {"parquet", "csv", "arrow"}
        Its layout.
    rows : int or None
        Rows in all; None where the inputs do not tell before they are read.
    parts : int
        Files that would be written.
    sample_rows, sample_rejected : int
        First rows that were scored for this, and those of them that cannot be.
    faults : mapping of (column, fault name) to int
        Refused cells of the sample.
    seconds : float or None
        Wall time of the run, by the rate of the sample; None where rows are unknown.
    output_bytes : int or None
        Size of the output before it is compressed; None where rows are unknown.
    defaulted : mapping of str to int
        Inputs that lack a column and would have its declared default.
    """

    sources: tuple[str, ...]
    target: str
    layout: str
    rows: int | None
    parts: int
    sample_rows: int
    sample_rejected: int
    faults: dict[tuple[str, str], int]
    seconds: float | None
    output_bytes: int | None
    defaulted: dict[str, int]


def estimate_run(run: FileRun) -> RunEstimate:
    """Score the first rows of a run, write nothing, and return what to expect.

    Raises
    ------
    InputError
        When the input cannot be read.
    """
    scorer = BlockScorer(run.single_scorer(), run.options, run.sources)
    tally, n_bytes = Tally(), 0
    begin = time.perf_counter()
    seconds = 0.0
    with closing(_blocks(run, scorer)) as blocks:
        for unit, block in blocks:
            scored = scorer.score((unit, block))
            tally.add(scored.tally)
            n_bytes += scored.table.nbytes
            seconds = time.perf_counter() - begin
            if seconds > _SAMPLE_SECONDS:
                break
    share = None if run.total_rows is None else run.total_rows / max(1, tally.n_rows)
    return RunEstimate(
        sources=tuple(str(source.path) for source in run.sources),
        target=run.shown_target,
        layout=run.target.layout,
        rows=run.total_rows,
        parts=len(run.parts),
        sample_rows=tally.n_rows,
        sample_rejected=tally.n_rejected,
        faults=tally.faults,
        seconds=None if share is None else seconds * share / run.scorer.threads,
        output_bytes=None if share is None else int(n_bytes * share),
        defaulted=Counter(d.column for s in run.sources for d in s.defaulted),
    )


def _blocks(
    run: FileRun, scorer: BlockScorer
) -> Generator[tuple[WorkUnit, InputBlock]]:
    size = run.options.batch_rows
    for unit in run.parts[0].units:
        source = run.sources[unit.source]
        for block in read_unit(source, unit, scorer.columns, size, scorer.encoded):
            yield unit, block
