"""Arrow stream: record batches one after the other, from a file or standard input.

A stream that is cut between two batches looks like a shorter one; only a number of
rows known from elsewhere tells.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.ipc as pa_ipc

from cfscore.exceptions import InputError, UsageError
from cfscore.reading._arrow_file import refuse_large_batch
from cfscore.reading._find import STDIN
from cfscore.reading._fingerprint import fingerprint_of
from cfscore.reading._options import ReadOptions
from cfscore.reading._source import FOREIGN_ERRORS, Source, too_many_rows
from cfscore.reading._unit import InputBlock, WorkUnit

__all__ = ["ArrowStreamSource", "open_arrow_stream", "open_standard_input"]


@dataclass(frozen=True, eq=False)
class ArrowStreamSource(Source):
    """An Arrow IPC stream.

    Parameters
    ----------
    path, schema, n_rows, options, fingerprint, notes
        See ``Source``.
    held : list
        The opened reader of standard input, until it is read; empty for files.
    """

    layout: ClassVar[str] = "arrow_stream"

    held: list[Any]

    def units(self, index: int) -> list[WorkUnit]:
        """Return the whole stream as one unit."""
        return [WorkUnit(index, self.path, self.layout, 0, 0, 0, 1, None)]

    def read(
        self,
        unit: WorkUnit,
        columns: Sequence[str],
        batch_rows: int,
        encoded: Collection[str],
    ) -> Iterator[InputBlock]:
        """Yield record batches as they come, checked in full."""
        row = unit.first_row
        limit = self.options.bounds.max_rows
        with self._opened() as reader:
            for whole in reader:
                batch = whole.select(list(columns))
                batch.validate(full=True)  # first: damaged offsets crash ``nbytes``
                refuse_large_batch(self.path, batch.nbytes, self.options)
                yield InputBlock(batch, np.arange(row, row + batch.num_rows))
                row += batch.num_rows
                if limit is not None and row - 1 > limit:
                    raise too_many_rows(self.path, limit)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        if self.path != STDIN:
            with _open_stream(self.path) as reader:
                yield reader
        elif self.held:
            yield self.held.pop()
        else:
            msg = "Standard input can be read once only."
            raise UsageError(msg, hint="Save it to a file.")


@contextmanager
def _open_stream(path: Path) -> Iterator[Any]:
    with pa.OSFile(os.fspath(path)) as file, pa_ipc.open_stream(file) as reader:
        yield reader


def open_arrow_stream(path: Path, options: ReadOptions) -> ArrowStreamSource:
    """Return the columns of an Arrow stream that is saved in a file.

    Parameters
    ----------
    path : Path
        The file.
    options : ReadOptions
        Bounds.
    """
    fingerprint = fingerprint_of(path)
    with _open_stream(path) as reader:
        schema = reader.schema.remove_metadata()
    return ArrowStreamSource(path, schema, None, options, fingerprint, (), [])


def open_standard_input(options: ReadOptions) -> ArrowStreamSource:
    """Return the columns of the Arrow stream on standard input.

    Parameters
    ----------
    options : ReadOptions
        Bounds.

    Raises
    ------
    InputError
        When it is no Arrow stream; code ``UNKNOWN_FORMAT``.
    """
    try:
        reader = pa_ipc.open_stream(pa.PythonFile(sys.stdin.buffer, mode="r"))
    except FOREIGN_ERRORS as error:
        msg = f"Standard input is not an Arrow stream ({type(error).__name__})."
        hint = "Only Arrow IPC streams are read from it; save other formats to a file."
        raise InputError(msg, code="UNKNOWN_FORMAT", hint=hint) from None
    schema = reader.schema.remove_metadata()
    return ArrowStreamSource(STDIN, schema, None, options, None, (), [reader])
