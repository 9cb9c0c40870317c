"""Stream run: rows scored to standard output, for another program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from cfscore.scoring.files._block_run import BlockRunner
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile
from cfscore.scoring.files._tally import Tally
from cfscore.writing import ArrowStream, StandardOutput

__all__ = ["StreamRunner"]

#: Rows of a record batch: few, as somebody waits for them.
_BATCH_ROWS = 1 << 14


@dataclass(frozen=True, eq=False)
class StreamRunner:
    """Scores all units of a run to standard output.

    Parameters
    ----------
    blocks : BlockRunner
        Reads, scores and counts.
    check : callable
        Called with the counts when all rows are written and the end is not: raises
        where they are refused.
    """

    blocks: BlockRunner
    check: Callable[[Tally], None]

    def run(self, part: Part) -> FinishedPart:
        """Score all units.

        Raises
        ------
        RowFaultError, InputError, OutputError, StoppedError
            See ``PartRunner.run``; the stream is then torn.
        """
        blocks = self.blocks
        tally = blocks.new_tally()
        sink = StandardOutput(lambda: blocks.check_wanted(part))
        with (
            ArrowStream(sink, blocks.scorer.schema, _BATCH_ROWS) as file,
            closing(blocks.scored(part)) as scored,
        ):
            for block in scored:
                blocks.take(block, file, None, tally)
            self.check(tally)
        staged = StagedFile(part.name, "", sink.n_bytes)
        return FinishedPart(0, part.ranges(blocks.sources), staged, None, tally)
