"""Files: scored in a stream, written whole or not at all, every row accounted for."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from cfscore.atomic_file import atomic_output
from cfscore.exceptions import InputError, OutputError, SchemaError, UsageError
from cfscore.scoring._arrow import join_kept
from cfscore.scoring._sources import Source, find_sources, open_source
from cfscore.tables import read_table

if TYPE_CHECKING:
    from cfscore.scoring._batch import ScoreBatch
    from cfscore.scoring._scorer import Scorer

__all__ = ["FileOptions", "FileReport", "OnBad", "Progress", "score_file"]

#: Called with (rows done, rows in all or None, rows rejected) after every batch.
Progress = Callable[[int, int | None, int], None]
OnBad = Literal["strict", "quarantine"]

_RESULT_COLUMNS = ("log_odds", "pd", "score", "status")
_BATCH_ROWS = 131_072


@dataclass(frozen=True)
class FileReport:
    """What a file run did; ``rows == scored + rejected``.

    Parameters
    ----------
    sources : tuple of str
        Input files.
    target : str
        Output file.
    rows, scored, rejected : int
        Rows read, scored, and written with a status other than 0.
    faults : mapping of (column, fault name) to int
        Refused cells.
    roles : mapping of str to (mapping of str to int)
        Per column, rows in MISSING, UNSEEN and special attributes.
    infinite : mapping of str to int
        Cells with ``+inf`` or ``-inf``.
    seconds : float
        Wall time.
    """

    sources: tuple[str, ...]
    target: str
    rows: int
    scored: int
    rejected: int
    faults: dict[tuple[str, str], int] = field(default_factory=dict)
    roles: dict[str, dict[str, int]] = field(default_factory=dict)
    infinite: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows per second of wall time."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


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
        Whether the first row that cannot be scored refuses the file, or such rows are
        written with null scores and their status.
    resume : bool, default False
        Only False is possible: an interrupted run starts anew.
    batch_rows : int, default 131072
        Rows in memory at a time; the output's values do not depend on it.
    max_rejected : callable, optional
        Largest number of rejected rows, given the rows read; checked before the
        output appears.
    progress : callable, optional
        Called after every batch with rows done, rows in all (None where unknown) and
        rows rejected.

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

    def __post_init__(self) -> None:
        """Check every option."""
        if self.resume:
            msg = "resume=True is not supported: a file run starts anew and is atomic."
            raise UsageError(msg)
        if self.batch_rows < 1:
            msg = f"batch_rows must be a positive integer, got {self.batch_rows}."
            raise UsageError(msg)
        results = {*_RESULT_COLUMNS, *(f"reason_{i + 1}" for i in range(self.reasons))}
        clashing = sorted(results.intersection(self.keep))
        if clashing:
            msg = f"Kept columns have the names of result columns: {clashing}."
            raise UsageError(msg, hint="Rename them in the input.")
        if len(set(self.keep)) != len(self.keep):
            msg = "A column to keep is given twice."
            raise UsageError(msg)


def score_file(
    scorer: Scorer,
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    target: str | os.PathLike[str],
    options: FileOptions | None = None,
) -> FileReport:
    """Score one or more files into one new file.

    Parameters
    ----------
    scorer : Scorer
        The scorer.
    source : path, pattern or sequence of them
        Parquet, CSV (UTF-8, header line) or Arrow IPC files, read in sorted order.
    target : path
        ``.parquet``, ``.csv`` or ``.arrow``; appears complete or not at all.
    options : FileOptions, optional
        Reasons, kept columns, bad rows, batches, progress.

    Returns
    -------
    FileReport
        Every row accounted for.

    Raises
    ------
    UsageError
        When the target is one of the sources or of an unknown format.
    InputError
        When an input is refused; the target is then untouched.
    OutputError
        When the target cannot be written; it is then untouched.
    """
    run = _FileRun(scorer, options or FileOptions())
    return run.write(_open_all(source, Path(target)), Path(target))


def _open_all(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], target: Path
) -> list[Source]:
    patterns = [source] if isinstance(source, str | os.PathLike) else list(source)
    paths = [path for pattern in patterns for path in find_sources(pattern)]
    if len({path.resolve() for path in paths}) != len(paths):
        msg = "The same input file is given twice."
        raise UsageError(msg)
    if target.resolve() in {path.resolve() for path in paths}:
        msg = f"The output {target.name!r} is one of the inputs."
        raise UsageError(msg, hint="Choose another output path.")
    return [open_source(path) for path in paths]


class _FileRun:
    """One run over one or more sources into one target."""

    def __init__(self, scorer: Scorer, options: FileOptions) -> None:
        self.scorer = scorer
        self.options = options
        self.keep = tuple(options.keep)
        self.rows = 0
        self.rejected = 0
        self.faults: Counter[tuple[str, str]] = Counter()
        self.infinite: Counter[str] = Counter()
        self.roles: dict[str, Counter[str]] = {}

    def write(self, sources: list[Source], target: Path) -> FileReport:
        """Score all sources into the target."""
        begin = time.perf_counter()
        for source in sources:
            self._check_columns(source)
        self._check_kept_types(sources)
        open_writer = _writer_for(target)
        with atomic_output(target) as temporary:
            _write_all(open_writer, temporary, self._results(sources))
            self._check_rejects()
        return self._report(sources, target, time.perf_counter() - begin)

    def _check_rejects(self) -> None:
        limit = self.options.max_rejected
        if limit is not None and self.rejected > limit(self.rows):
            msg = f"{self.rejected} of {self.rows} rows were rejected: too many."
            raise InputError(msg, code="TOO_MANY_REJECTS")

    def _check_columns(self, source: Source) -> None:
        needed = dict.fromkeys([*self.scorer.plan.schema.names, *self.keep])
        missing = [name for name in needed if name not in source.columns]
        if missing:
            raise SchemaError(
                [(name, "MISSING_COLUMN", "is not in the file") for name in missing],
                hint=f"File {source.path.name!r} has {len(source.columns)} columns.",
            )

    def _check_kept_types(self, sources: list[Source]) -> None:
        first = sources[0].schema
        differing = [
            (name, "TYPE_DIFFERS", "has another type in another input file")
            for name in self.keep
            if any(s.schema.field(name).type != first.field(name).type for s in sources)
        ]
        if differing:
            raise SchemaError(differing)

    def _results(self, sources: list[Source]) -> Iterator[pa.Table]:
        """Yield one result table per batch; an empty one when there is no row."""
        known = [source.n_rows for source in sources]
        total = None if None in known else sum(n for n in known if n is not None)
        names = list(dict.fromkeys([*self.scorer.plan.schema.names, *self.keep]))
        for source in sources:
            for batch in source.batches(names, self.options.batch_rows):
                yield self._score(batch)
                if self.options.progress is not None:
                    self.options.progress(self.rows, total, self.rejected)
        if self.rows == 0:
            yield self._score(sources[0].empty(names))

    def _score(self, batch: pa.RecordBatch) -> pa.Table:
        columns = read_table(batch, self.scorer.plan.schema)
        scored = self.scorer.score_columns(
            columns,
            reasons=self.options.reasons,
            on_bad=self.options.on_bad,
            count=True,
        )
        self._count(scored)
        return join_kept(batch, self.keep, scored.to_arrow())

    def _count(self, scored: ScoreBatch) -> None:
        self.rows += len(scored)
        self.rejected += int((scored.status != 0).sum())
        self.faults.update(scored.counts.faults)
        self.infinite.update(scored.counts.infinite)
        for name, found in scored.counts.roles.items():
            self.roles.setdefault(name, Counter()).update(found)

    def _report(
        self, sources: list[Source], target: Path, seconds: float
    ) -> FileReport:
        return FileReport(
            sources=tuple(str(source.path) for source in sources),
            target=str(target),
            rows=self.rows,
            scored=self.rows - self.rejected,
            rejected=self.rejected,
            faults=dict(self.faults),
            roles={name: dict(found) for name, found in self.roles.items()},
            infinite=dict(self.infinite),
            seconds=seconds,
        )


_Writer = Callable[[Path, pa.Schema], AbstractContextManager[Any]]


def _writer_for(target: Path) -> _Writer:
    writers: dict[str, _Writer] = {
        ".parquet": _parquet_writer,
        ".csv": _csv_writer,
        ".arrow": _arrow_writer,
    }
    found = writers.get(target.suffix.lower())
    if found is None:
        msg = f"The output format of {target.name!r} is not known by its ending."
        raise UsageError(msg, hint=f"Supported endings: {', '.join(writers)}.")
    return found


def _write_all(
    open_writer: _Writer, temporary: Path, results: Iterator[pa.Table]
) -> None:
    first = next(results)
    with open_writer(temporary, first.schema) as writer:
        _write(writer, first)
        for result in results:
            _write(writer, result)


def _write(writer: Any, result: pa.Table) -> None:
    try:
        writer.write_table(result)
    except OSError as error:
        msg = f"Writing the output failed: {error.strerror or type(error).__name__}."
        raise OutputError(msg) from error


def _parquet_writer(path: Path, schema: pa.Schema) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pq.ParquetWriter(
        path, schema, write_page_checksum=True, store_schema=False
    )
    return writer


def _csv_writer(path: Path, schema: pa.Schema) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pa_csv.CSVWriter(path, schema)
    return writer


@contextmanager
def _arrow_writer(path: Path, schema: pa.Schema) -> Iterator[Any]:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        yield writer
