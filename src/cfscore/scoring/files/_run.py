"""File run: inputs are cut into parts, these scored by threads, and all committed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cfscore import __version__
from cfscore.exceptions import InputError, SchemaError, UsageError
from cfscore.plan import ScoringPlan
from cfscore.reading import Source, WorkUnit, column_faults, plan_units
from cfscore.scoring.files._block_scorer import BlockScorer, plain_type
from cfscore.scoring.files._finish import (
    check_account,
    check_hash,
    check_row_count,
    commit_output,
    find_manifest,
    join_rejects,
)
from cfscore.scoring.files._input_hash import InputHashes
from cfscore.scoring.files._journal import JOURNAL, Journal, find_finished
from cfscore.scoring.files._manifest import build_manifest, read_report, total_tally
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._part_pool import PartPool
from cfscore.scoring.files._part_run import PartRunner
from cfscore.scoring.files._parts import FinishedPart, Part, cut_parts
from cfscore.scoring.files._report import FileReport, encode_manifest, hash_json
from cfscore.scoring.files._target import FileTarget, find_target
from cfscore.writing import Staging, open_staging, unwritable_columns

if TYPE_CHECKING:
    from cfscore.scoring._scorer import Scorer

__all__ = ["FileRun"]


class FileRun:
    """One run over one or more inputs into one output, checked and not begun.

    Parameters
    ----------
    scorer : Scorer
        The scorer.
    sources : sequence of Source
        The inputs, in order.
    target : str or path
        A file, or a folder of parts.
    options : FileOptions
        How.

    Raises
    ------
    UsageError
        When the output would take the place of an input, or has no known ending.
    SchemaError
        When an input lacks a column, or has one of a type that cannot be used.
    InputError
        When the inputs do not have the expected number of rows.
    """

    def __init__(
        self,
        scorer: Scorer,
        sources: Sequence[Source],
        target: str | os.PathLike[str],
        options: FileOptions,
    ) -> None:
        self.scorer = scorer
        self.sources = list(sources)
        self.shown_target = os.fspath(target)
        self.options = options
        if options.expect_input_sha256 is not None and len(self.sources) != 1:
            msg = f"One hash is expected of {len(self.sources)} inputs."
            raise UsageError(msg, hint="Give one input file with it.")
        self.target = find_target(target, self.sources, options.layout)
        _check_schemas(scorer.plan, self.sources, self.target, options)
        units = plan_units(self.sources)
        self.parts = cut_parts(units, self.target.is_folder)
        self.total_rows = _total_rows(units)
        if self.total_rows is not None:
            check_row_count(self.total_rows, options)
        self.config = options.config(self.target.layout)
        self.key = {
            "cfscore": __version__,
            "plan_sha256": scorer.plan.sha256,
            "options_sha256": hash_json(self.config),
        }

    def single_scorer(self) -> Scorer:
        """Return the scorer with one thread a block, as blocks have threads here."""
        single = copy(self.scorer)  # shares what takes long to build of a forest
        single._threads = 1
        return single

    def write(self) -> FileReport:
        """Score everything and commit the output.

        Raises
        ------
        InputError
            When an input is refused; the output is then as it was.
        OutputError
            When the output cannot be written; it is then as it was.
        """
        begin = time.perf_counter()
        is_new = self.target.is_folder and not self.target.path.exists()
        self.target.make_folder()
        try:
            with open_staging(self.target.staging, self.target.path) as staging:
                manifest, n_resumed = self._write(staging)
        finally:
            if is_new:
                with suppress(OSError):  # there is something in it
                    self.target.path.rmdir()
        seconds = time.perf_counter() - begin
        return read_report(manifest, self.target, self.shown_target, seconds, n_resumed)

    def _write(self, staging: Staging) -> tuple[dict[str, Any], int]:
        """Return the manifest of the output and the number of parts taken over."""
        if self.options.resume:
            manifest = find_manifest(self.target, self.key, self.sources)
            if manifest is not None:
                staging.clear()
                return manifest, len(self.parts)
        finished = self._find_finished(staging)
        kept = {file.name for part in finished for file in part.files}
        staging.clear(keep=[JOURNAL, *kept])
        # A single file is one part: there is nothing for another run to take over.
        journal = (
            Journal(staging, self.key, finished) if self.target.is_folder else None
        )
        with _KeptParts(staging, journal, kept) as parts:
            return self._score_and_commit(staging, finished, parts), len(finished)

    def _find_finished(self, staging: Staging) -> list[FinishedPart]:
        if not self.options.resume:
            return []
        places = [self.target.part(part.position) for part in self.parts]
        return find_finished(staging, self.key, self.parts, self.sources, places)

    def _score_and_commit(
        self,
        staging: Staging,
        finished: list[FinishedPart],
        kept: _KeptParts,
    ) -> dict[str, Any]:
        hashes = InputHashes(self.sources)
        finished = [*finished, *self._run_parts(staging, finished, kept)]
        finished.sort(key=lambda part: part.position)
        check_account(total_tally(finished), self.options)
        found = hashes.wait()
        for source in self.sources:
            source.check_unchanged()
        check_hash(found, self.options)
        rejects = join_rejects(staging, finished, self.options)
        manifest = build_manifest(
            self.scorer.plan,
            self.key,
            self.config,
            self.target,
            list(zip(self.sources, found, strict=True)),
            finished,
            rejects,
        )
        commit_output(
            staging, self.target, finished, rejects, encode_manifest(manifest)
        )
        return manifest

    def _run_parts(
        self,
        staging: Staging,
        finished: Sequence[FinishedPart],
        kept: _KeptParts,
    ) -> list[FinishedPart]:
        done = {part.position for part in finished}
        parts = [part for part in self.parts if part.position not in done]
        threads = max(1, min(self.scorer.threads, len(parts)))
        pool = PartPool(self.options, self.total_rows, finished)
        runner = PartRunner(
            BlockScorer(self.single_scorer(), self.options, self.sources),
            self.sources,
            staging,
            self.target.layout,
            max(1, self.scorer.threads // threads),
            pool.is_stopped,
            pool.report,
        )

        def work(part: Part) -> FinishedPart:
            result = runner.run(part)
            kept.add(result)
            return result

        return pool.run(work, parts, threads)


class _KeptParts(AbstractContextManager["_KeptParts"]):
    """Finished parts, of which a journal is kept for a run that resumes this one.

    On a failure, what such a run can use stays in the staging folder; all else goes.
    """

    def __init__(
        self, staging: Staging, journal: Journal | None, names: set[str]
    ) -> None:
        self._staging = staging
        self._journal = journal
        self._names = names
        self._lock = threading.Lock()

    def add(self, part: FinishedPart) -> None:
        """Add a part that is written and flushed; from any thread."""
        if self._journal is None:
            return
        with self._lock:
            self._journal.add(part)
            self._names.update(file.name for file in part.files)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear away what nobody can use."""
        code = getattr(error, "code", None)
        if error is None or code == "NOT_RESTORED":
            return
        is_refused = isinstance(error, InputError) and code != "INPUT_CHANGED"
        is_useful = bool(self._names) and not is_refused
        self._staging.clear(keep=[JOURNAL, *self._names] if is_useful else [])


def _total_rows(units: Sequence[WorkUnit]) -> int | None:
    known = [unit.n_rows for unit in units if unit.n_rows is not None]
    return sum(known) if len(known) == len(units) else None


def _check_schemas(
    plan: ScoringPlan,
    sources: Sequence[Source],
    target: FileTarget,
    options: FileOptions,
) -> None:
    """Refuse before anything is read what no row of the inputs could change."""
    for source in sources:
        faults = column_faults(source, plan.schema.names, options.keep)
        if faults:
            n_columns = len(source.columns)
            hint = f"File {source.path.name!r} has {n_columns} columns."
            raise SchemaError(faults, hint=hint)
        if options.strict_columns:
            _refuse_unused(source, {*plan.schema.names, *options.keep})
    kept = [
        [(name, plain_type(source.schema.field(name).type)) for name in options.keep]
        for source in sources
    ]
    faults = [
        (name, "TYPE_DIFFERS", "has another type in another input file")
        for i, (name, kind) in enumerate(kept[0])
        if any(others[i][1] != kind for others in kept)
    ]
    if target.layout == "csv":
        faults += unwritable_columns(kept[0])
    if faults:
        raise SchemaError(faults)


def _refuse_unused(source: Source, used: Collection[str]) -> None:
    unused = [name for name in source.columns if name not in used]
    if unused:
        found = f"of {source.path.name!r} is neither scored nor kept"
        raise SchemaError([(name, "EXTRA_COLUMN", found) for name in unused])
