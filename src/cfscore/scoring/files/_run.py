"""File run: inputs are cut into parts, these scored by threads, and all committed."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cfscore import __version__
from cfscore.reading import Source, WorkUnit, plan_units
from cfscore.scoring.files._block_run import BlockRunner
from cfscore.scoring.files._block_scorer import BlockScorer
from cfscore.scoring.files._checks import check_run
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
from cfscore.scoring.files._kept_parts import KeptParts
from cfscore.scoring.files._manifest import build_manifest, read_report, total_tally
from cfscore.scoring.files._one_file import OneFile
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._part_pool import PartPool
from cfscore.scoring.files._part_run import PartRunner
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile, cut_parts
from cfscore.scoring.files._repeated_rows import count_repeated_rows
from cfscore.scoring.files._report import FileReport, encode_manifest, hash_json
from cfscore.scoring.files._stream_run import StreamRunner
from cfscore.scoring.files._stretches import find_stretches
from cfscore.scoring.files._tally import Tally
from cfscore.scoring.files._target import find_target, refuse_later_input
from cfscore.writing import Staging, open_staging

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
    patterns : sequence of str or path
        What the inputs were found by.

    Raises
    ------
    UsageError
        When the output would take the place of an input or be found as one by the next
        run, or has no known ending.
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
        patterns: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        self.scorer = scorer
        self.sources = list(sources)
        self.shown_target = os.fspath(target)
        self.options = options
        self.target = find_target(target, self.sources, options.layout)
        has_rejects = options.on_bad == "quarantine"
        refuse_later_input(self.target, target, patterns, has_rejects=has_rejects)
        check_run(scorer.plan, self.sources, self.target, options)
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
        if self.target.is_stream:
            return self._write_stream()
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

    def _write_stream(self) -> FileReport:
        """Score everything to standard output."""
        begin = time.perf_counter()
        hashes, found = InputHashes(self.sources), []

        def check(total: Tally) -> None:
            check_account(total, self.total_rows, self.options)
            found.extend(self._check_inputs(hashes))

        pool = PartPool(self.options, self.total_rows, ())
        runner = StreamRunner(self._block_runner(pool, self.scorer.threads), check)
        whole = pool.run(runner.run, self.parts, 1)
        manifest = self._manifest(found, whole, None, None)
        seconds = time.perf_counter() - begin
        report = read_report(manifest, self.target, self.shown_target, seconds, 0)
        return replace(report, manifest="")

    def _write(self, staging: Staging) -> tuple[dict[str, Any], int]:
        """Return the manifest of the output and the number of parts taken over."""
        if self.options.resume:
            manifest = find_manifest(self.target, self.key, self.sources)
            if manifest is not None:
                staging.clear()
                return manifest, len(self.parts)
        finished = self._find_finished(staging)
        kept = {file.name for part in finished for file in part.files}
        staging.clear(keep=[JOURNAL, *kept] if finished else [])
        journal = Journal(staging, self.key, finished)
        with KeptParts(staging, journal, kept) as parts:
            return self._score_and_commit(staging, finished, parts), len(finished)

    def _find_finished(self, staging: Staging) -> list[FinishedPart]:
        if not self.options.resume:
            return []
        if not self.target.is_folder:
            files = (self.target.path, self.target.rejects)
            part = self.parts[0]
            return find_stretches(staging, self.key, part, self.sources, files)
        places = [self.target.part(part.position) for part in self.parts]
        return find_finished(staging, self.key, self.parts, self.sources, places)

    def _score_and_commit(
        self,
        staging: Staging,
        finished: list[FinishedPart],
        kept: KeptParts,
    ) -> dict[str, Any]:
        hashes = InputHashes(self.sources)
        run = self._run_parts if self.target.is_folder else self._run_into_one
        finished = run(staging, finished, kept)
        check_account(total_tally(finished), self.total_rows, self.options)
        found = self._check_inputs(hashes)
        rejects = finished[0].rejects
        if self.target.is_folder:
            rejects = join_rejects(staging, finished, self.options)
        repeated = self._count_repeated(staging, finished)
        manifest = self._manifest(found, finished, rejects, repeated)
        commit_output(
            staging, self.target, finished, rejects, encode_manifest(manifest)
        )
        return manifest

    def _check_inputs(self, hashes: InputHashes) -> list[str | None]:
        """Return the hashes of the inputs, which are what they were."""
        found = hashes.wait()
        for source in self.sources:
            source.check_unchanged()
        check_hash(found, self.options)
        return found

    def _manifest(
        self,
        hashes: Sequence[str | None],
        finished: Sequence[FinishedPart],
        rejects: StagedFile | None,
        repeated: int | None,
    ) -> dict[str, Any]:
        return build_manifest(
            self.scorer.plan,
            self.key,
            self.config,
            self.target,
            list(zip(self.sources, hashes, strict=True)),
            finished,
            rejects,
            repeated,
        )

    def _count_repeated(
        self, staging: Staging, finished: Sequence[FinishedPart]
    ) -> int | None:
        """Return how many rows repeat the kept columns; None where none are kept."""
        keep, options = self.options.keep, self.options
        if not keep:
            return None
        # What an earlier run was stopped while moving is in its place already.
        staged = [staging.folder / part.file.name for part in finished]
        places = [self.target.part(part.position) for part in finished]
        both = zip(staged, places, strict=True)
        files = [path if path.exists() else place for path, place in both]
        return count_repeated_rows(
            files,
            self.target.layout,
            keep,
            options.csv,
            total_tally(finished),
            staging.folder,
            self.scorer.threads,
        )

    def _run_parts(
        self, staging: Staging, finished: Sequence[FinishedPart], kept: KeptParts
    ) -> list[FinishedPart]:
        """Return the parts of a folder, some of them taken over."""
        done = {part.position for part in finished}
        parts = [part for part in self.parts if part.position not in done]
        threads = max(1, min(self.scorer.threads, len(parts)))
        pool = PartPool(self.options, self.total_rows, finished)
        runner = self._runner(staging, pool, self.scorer.threads // threads)

        def work(part: Part) -> FinishedPart:
            result = runner.run(part)
            kept.add(result)
            return result

        found = [*finished, *pool.run(work, parts, threads)]
        return sorted(found, key=lambda part: part.position)

    def _run_into_one(
        self, staging: Staging, finished: Sequence[FinishedPart], kept: KeptParts
    ) -> list[FinishedPart]:
        """Return the single file, the beginning of it taken over."""
        pool = PartPool(self.options, self.total_rows, finished)
        runner = self._runner(staging, pool, self.scorer.threads)
        file = OneFile(runner, self.parts[0], finished, kept.add)
        pool.run(file.run, file.rest, 1)
        return [file.whole()]

    def _runner(self, staging: Staging, pool: PartPool, threads: int) -> PartRunner:
        blocks = self._block_runner(pool, threads)
        return PartRunner(blocks, staging, self.target.layout)

    def _block_runner(self, pool: PartPool, threads: int) -> BlockRunner:
        return BlockRunner(
            BlockScorer(self.single_scorer(), self.options, self.sources),
            self.sources,
            max(1, threads),
            pool.is_stopped,
            pool.report,
        )


def _total_rows(units: Sequence[WorkUnit]) -> int | None:
    known = [unit.n_rows for unit in units if unit.n_rows is not None]
    return sum(known) if len(known) == len(units) else None
