"""Part run: one part read, scored and written at the same time, flushed at its end."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass

from cfscore.scoring.files._block_run import BlockRunner
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile
from cfscore.writing import HashedFile, Layout, Staging, open_table_file

__all__ = ["PartRunner", "staged"]


@dataclass(frozen=True, eq=False)
class PartRunner:
    """What is needed to run any part of a run, in any thread.

    Parameters
    ----------
    blocks : BlockRunner
        Reads, scores and counts.
    staging : Staging
        Where parts are written.
    layout : {"parquet", "csv", "arrow"}
        Their layout.
    """

    blocks: BlockRunner
    staging: Staging
    layout: Layout

    def run(self, part: Part) -> FinishedPart:
        """Score a part into its staged files.

        Raises
        ------
        RowFaultError
            In a strict run, when a row cannot be scored.
        InputError
            When an input cannot be read.
        OutputError
            When a file cannot be written.
        StoppedError
            When the part is to be given up.
        """
        blocks, scorer = self.blocks, self.blocks.scorer
        tally = blocks.new_tally()
        sink, rejects = self.staging.new_file(part.name), None
        with ExitStack() as stack:
            file = stack.enter_context(
                open_table_file(
                    sink, scorer.schema, self.layout, csv=scorer.options.csv
                )
            )
            if scorer.lists_rejects:
                rejects = stack.enter_context(self.staging.new_file(part.rejects_name))
            for block in stack.enter_context(closing(blocks.scored(part))):
                blocks.take(block, file, rejects, tally)
        return FinishedPart(
            part.position,
            part.ranges(blocks.sources),
            staged(sink),
            None if rejects is None else staged(rejects),
            tally,
        )


def staged(file: HashedFile) -> StagedFile:
    """Return what was written of a staged file so far."""
    return StagedFile(file.path.name, file.sha256, file.n_bytes)
