"""One file: a run into a single file, and the checkpoints another run goes on from.

The file grows from its beginning to its end. Between two units of the inputs, about
every half million rows, it is flushed and the journal told how far it is. A run that
goes on cuts off what came after the last checkpoint, and scores what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

from cfscore.reading import WorkUnit
from cfscore.scoring.files import _parts
from cfscore.scoring.files._part_run import PartRunner, staged
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile
from cfscore.scoring.files._rejects import reject_header
from cfscore.scoring.files._tally import Tally
from cfscore.writing import HashedFile, Stretch, TableFile, open_table_file

__all__ = ["OneFile"]


class OneFile:
    """A single file that all units of a run are scored into.

    Parameters
    ----------
    runner : PartRunner
        Scores units.
    part : Part
        All units.
    taken : sequence of FinishedPart
        What an earlier run has finished, from checkpoint to checkpoint.
    keep : callable
        Called with what lies between two checkpoints.
    """

    def __init__(
        self,
        runner: PartRunner,
        part: Part,
        taken: Sequence[FinishedPart],
        keep: Callable[[FinishedPart], None],
    ) -> None:
        self._runner = runner
        self._part = part
        self._ranges = part.ranges(runner.blocks.sources)
        self._keep = keep
        self._finished = list(taken)
        self._n_units = sum(len(stretch.ranges) for stretch in taken)
        self._tally = runner.blocks.new_tally()

    @property
    def rest(self) -> list[Part]:
        """Units that are left, as one part; none where all of the file is there."""
        left = self._part.units[self._n_units :]
        return [Part(0, left)] if left or not self._finished else []

    def run(self, rest: Part) -> FinishedPart:
        """Score what is left and return all of the file.

        Raises
        ------
        RowFaultError, InputError, OutputError, StoppedError
            See ``PartRunner.run``.
        """
        with ExitStack() as stack:
            sink = self._open_sink()
            file = stack.enter_context(self._open_table(sink))
            rejects = self._open_rejects()
            if rejects is not None:
                stack.enter_context(rejects)
            n_before = self._n_units
            for block in stack.enter_context(closing(self._runner.blocks.scored(rest))):
                if block.unit != self._part.units[n_before]:
                    n_before = self._count_before(block.unit, n_before)
                    if self._tally.n_rows >= _parts.PART_ROWS // 2:
                        self._checkpoint(file, sink, rejects, n_before)
                self._runner.blocks.take(block, file, rejects, self._tally)
        self._add(len(self._ranges), sink, rejects, None)
        return self.whole()

    def whole(self) -> FinishedPart:
        """Return all stretches as the one part that they make."""
        tally = Tally()
        for stretch in self._finished:
            tally.add(stretch.tally)
        last = self._finished[-1]
        return FinishedPart(0, self._ranges, last.file, last.rejects, tally)

    def _open_sink(self) -> HashedFile:
        n_kept = self._finished[-1].file.n_bytes if self._finished else 0
        return self._runner.staging.new_file(self._part.name, n_kept)

    def _open_table(self, sink: HashedFile) -> TableFile:
        scorer = self._runner.blocks.scorer
        return open_table_file(
            sink,
            scorer.schema,
            self._runner.layout,
            csv=scorer.options.csv,
            stretches=self._stretches(),
        )

    def _stretches(self) -> list[Stretch]:
        starts = [0, *(stretch.file.n_bytes for stretch in self._finished)]
        return [
            Stretch(start, self._footer(stretch))
            for start, stretch in zip(starts, self._finished, strict=False)
        ]

    def _footer(self, stretch: FinishedPart) -> bytes:
        if stretch.footer is None:
            return b""
        return (self._runner.staging.folder / stretch.footer.name).read_bytes()

    def _open_rejects(self) -> HashedFile | None:
        scorer = self._runner.blocks.scorer
        if not scorer.lists_rejects:
            return None
        listed = self._finished[-1].rejects if self._finished else None
        n_kept = listed.n_bytes if listed else 0
        rejects = self._runner.staging.new_file(self._part.rejects_name, n_kept)
        if not n_kept:
            options = scorer.options
            rejects.write(reject_header(options.csv, options.reject_values))
        return rejects

    def _count_before(self, unit: WorkUnit, n_before: int) -> int:
        """Return how many units come before one, which is not before the last such."""
        while self._part.units[n_before] != unit:
            n_before += 1
        return n_before

    def _checkpoint(
        self,
        file: TableFile,
        sink: HashedFile,
        rejects: HashedFile | None,
        n_units: int,
    ) -> None:
        stretch = file.checkpoint()
        if rejects is not None:
            rejects.sync()
        footer = None
        if stretch.footer:
            name = f"footer-{len(self._finished):05d}"
            footer = staged(self._runner.staging.write(name, stretch.footer))
        self._add(n_units, sink, rejects, footer)

    def _add(
        self,
        n_units: int,
        sink: HashedFile,
        rejects: HashedFile | None,
        footer: StagedFile | None,
    ) -> None:
        """Add the units up to one, and tell of them."""
        stretch = FinishedPart(
            len(self._finished),
            self._ranges[self._n_units : n_units],
            staged(sink),
            None if rejects is None else staged(rejects),
            self._tally,
            footer,
        )
        is_all = n_units == len(self._ranges)
        if self._finished or not is_all:  # no journal of a run without checkpoint
            self._keep(stretch)
        self._finished.append(stretch)
        self._n_units, self._tally = n_units, self._runner.blocks.new_tally()
