"""Arrow file: record batches that can be read in any order.

Files are read and not mapped: a mapped file that is cut short while it is read ends the
process with SIGBUS.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.ipc as pa_ipc

from cfscore.exceptions import InputError
from cfscore.reading._arrow_footer import stored_batches
from cfscore.reading._fingerprint import fingerprint_of
from cfscore.reading._options import ReadOptions
from cfscore.reading._source import Source, units_of_stretches
from cfscore.reading._unit import InputBlock, WorkUnit

__all__ = ["ArrowFileSource", "open_arrow_file", "refuse_large_batch"]


@dataclass(frozen=True, eq=False)
class ArrowFileSource(Source):
    """An Arrow IPC file (Feather version 2).

    Parameters
    ----------
    path, schema, n_rows, options, fingerprint, notes
        See ``Source``.
    batch_sizes : tuple of int
        Rows of each record batch.
    """

    layout: ClassVar[str] = "arrow"

    batch_sizes: tuple[int, ...]

    def units(self, index: int) -> list[WorkUnit]:
        """Return record batches; small ones together, empty ones left out."""
        return units_of_stretches(self, index, self.batch_sizes)

    def read(
        self,
        unit: WorkUnit,
        columns: Sequence[str],
        batch_rows: int,
        encoded: Collection[str],
    ) -> Iterator[InputBlock]:
        """Yield record batches as they are stored, checked in full."""
        row = unit.first_row
        with _opened(self.path, self._positions(columns)) as reader:
            for i in range(unit.start, unit.stop):
                batch = reader.get_batch(i).select(list(columns))
                batch.validate(full=True)
                yield InputBlock(batch, np.arange(row, row + batch.num_rows))
                row += batch.num_rows

    def _positions(self, columns: Sequence[str]) -> list[int]:
        return sorted(self.schema.get_field_index(name) for name in columns)


@contextmanager
def _opened(path: Path, positions: Sequence[int]) -> Iterator[Any]:
    """Open a file for some of its columns; no position stands for all."""
    options = pa_ipc.IpcReadOptions(included_fields=list(positions), use_threads=False)
    with (
        pa.OSFile(os.fspath(path)) as file,
        pa_ipc.open_file(file, options=options) as reader,
    ):
        yield reader


def open_arrow_file(path: Path, options: ReadOptions) -> ArrowFileSource:
    """Return an Arrow file's columns and the rows of its batches.

    Parameters
    ----------
    path : Path
        The file.
    options : ReadOptions
        Bounds.

    Raises
    ------
    InputError
        When a batch takes more memory than allowed; code ``BATCH_TOO_LARGE``.
    """
    fingerprint = fingerprint_of(path)
    sizes = []
    for batch in stored_batches(path):
        refuse_large_batch(path, batch.n_bytes, options)
        if not batch.is_dictionary:
            sizes.append(batch.n_rows)
    with _opened(path, ()) as reader:
        schema = reader.schema.remove_metadata()
    return ArrowFileSource(
        path=path,
        schema=schema,
        n_rows=sum(sizes),
        options=options,
        fingerprint=fingerprint,
        notes=(),
        batch_sizes=tuple(sizes),
    )


def refuse_large_batch(path: Path, n_bytes: int, options: ReadOptions) -> None:
    """Refuse a record batch that takes more memory than allowed.

    Raises
    ------
    InputError
        Code ``BATCH_TOO_LARGE``.
    """
    limit = options.bounds.max_stored_batch_bytes
    if n_bytes > limit:
        msg = f"A record batch of {path.name!r} takes more than {limit} bytes."
        hint = "Write it in smaller batches, or raise max_stored_batch_bytes."
        raise InputError(msg, code="BATCH_TOO_LARGE", hint=hint)
