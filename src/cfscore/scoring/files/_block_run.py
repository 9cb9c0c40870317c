"""Block run: units read and scored at the same time, blocks handed out in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from cfscore.exceptions import RowFaultError
from cfscore.reading import InputBlock, Source, WorkUnit, read_unit
from cfscore.scoring.files._block_scorer import BlockScorer, ScoredBlock
from cfscore.scoring.files._ordered import ordered_map
from cfscore.scoring.files._parts import Part
from cfscore.scoring.files._rejects import reject_lines
from cfscore.scoring.files._tally import Tally
from cfscore.writing import HashedFile, TableFile

__all__ = ["BlockRunner", "StoppedError"]


class StoppedError(Exception):
    """A part was given up because its run ends."""


@dataclass(frozen=True, eq=False)
class BlockRunner:
    """What is needed to score any part of a run, in any thread.

    Parameters
    ----------
    scorer : BlockScorer
        Scores and counts.
    sources : sequence of Source
        The inputs.
    threads : int
        Blocks scored at the same time.
    is_stopped : callable
        Whether a part, by its position, is to be given up.
    report : callable
        Called after every block with the rows read and rejected in it.
    """

    scorer: BlockScorer
    sources: Sequence[Source]
    threads: int
    is_stopped: Callable[[int], bool]
    report: Callable[[int, int], None]

    def new_tally(self) -> Tally:
        """Return counts of nothing, which name what is counted."""
        tally = Tally()
        tally.add(self.scorer.no_rows)
        return tally

    def take(
        self,
        block: ScoredBlock,
        file: TableFile,
        rejects: HashedFile | None,
        tally: Tally,
    ) -> None:
        """Write and count a block."""
        file.append(block.table)
        if rejects is not None:
            rejects.write(self._lines(block))
        tally.add(block.tally)
        self.report(block.tally.n_rows, block.tally.n_rejected)

    def scored(self, part: Part) -> Generator[ScoredBlock]:
        """Yield the blocks of a part, in a strict run up to the first refused row."""

        def score(item: tuple[WorkUnit, InputBlock]) -> ScoredBlock:
            self.check_wanted(part)
            return self.scorer.score(item)

        with closing(ordered_map(score, self._blocks(part), self.threads)) as blocks:
            if self.scorer.options.on_bad == "strict":
                yield from _until_refused(blocks)
            else:
                yield from blocks

    def check_wanted(self, part: Part) -> None:
        """Raise ``StoppedError`` where a part is to be given up."""
        if self.is_stopped(part.position):
            raise StoppedError

    def _blocks(self, part: Part) -> Iterator[tuple[WorkUnit, InputBlock]]:
        scorer, size = self.scorer, self.scorer.options.batch_rows
        for unit in part.units:
            source = self.sources[unit.source]
            for block in read_unit(source, unit, scorer.columns, size, scorer.encoded):
                yield unit, block

    def _lines(self, block: ScoredBlock) -> bytes:
        options = self.scorer.options
        file = str(self.sources[block.unit.source].path)
        return reject_lines(file, block.rejects, options.csv, options.reject_values)


def _until_refused(blocks: Iterable[ScoredBlock]) -> Iterator[ScoredBlock]:
    """Yield blocks up to the first with a rejected row, then count to its unit's end.

    The unit, and not the block, is what an error tells of, as the size of blocks is
    nobody's business.
    """
    unit: WorkUnit | None = None
    tally = Tally()
    last_row = 0
    for block in blocks:
        if block.unit != unit:
            if tally.n_rejected:
                break
            unit, tally = block.unit, Tally()
        tally.add(block.tally)
        last_row = block.last_row
        if not tally.n_rejected:
            yield block
    if unit is not None and tally.n_rejected:
        first_row = last_row - tally.n_rows + 1
        place = f"rows {first_row:,} to {last_row:,} of {unit.path.name!r}"
        raise RowFaultError(tally.n_rows, tally.n_rejected, tally.faults, place)
