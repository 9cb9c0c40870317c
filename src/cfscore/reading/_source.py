"""Source: one opened input, what is known of it, and how its rows are read.

Every format is one subclass. Texts of foreign exceptions can hold cells of the file;
they are replaced here, never passed on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from cfscore.exceptions import CfscoreError, InputError, RowFaultError
from cfscore.reading._column_default import ColumnDefault, with_defaults
from cfscore.reading._fingerprint import Fingerprint, file_sha256, refuse_changed
from cfscore.reading._identifiers import reject_lossy
from cfscore.reading._number_format import with_plain_numbers
from cfscore.reading._options import ReadOptions
from cfscore.reading._unit import InputBlock, WorkUnit

__all__ = [
    "FOREIGN_ERRORS",
    "Source",
    "plan_units",
    "read_unit",
    "too_many_rows",
    "units_of_stretches",
    "unreadable",
]

_UNIT_ROWS = 131_072

#: What Arrow and the codecs raise for damaged files.
FOREIGN_ERRORS = (pa.ArrowException, OSError, UnicodeError, ValueError, EOFError)


@dataclass(frozen=True, eq=False)
class Source(ABC):
    """One input.

    Parameters
    ----------
    path : Path
        The file; ``Path("-")`` is standard input.
    schema : pyarrow.Schema
        All its columns, in file order, hive partition columns last; columns of CSV and
        of partitions are text.
    n_rows : int or None
        Rows, where the format tells before reading.
    options : ReadOptions
        How it is read.
    fingerprint : Fingerprint or None
        Its state when it was opened; None for standard input.
    notes : tuple of str
        What a person should know: a last line without end, a detected encoding.
    """

    layout: ClassVar[str]

    path: Path
    schema: pa.Schema
    n_rows: int | None
    options: ReadOptions
    fingerprint: Fingerprint | None
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that the file has."""
        return tuple(self.schema.names)

    @property
    def defaulted(self) -> tuple[ColumnDefault, ...]:
        """Declared columns that the file lacks."""
        declared = self.options.defaults
        return tuple(d for d in declared if d.column not in self.schema.names)

    def field(self, name: str) -> pa.Field:
        """Return a column that the file has, or that is declared."""
        declared = {default.column: default.field for default in self.defaulted}
        return declared[name] if name in declared else self.schema.field(name)

    @abstractmethod
    def units(self, index: int) -> list[WorkUnit]:
        """Return the units of the source, which is number ``index`` of a run."""

    @abstractmethod
    def read(
        self,
        unit: WorkUnit,
        columns: Sequence[str],
        batch_rows: int,
        encoded: Collection[str],
    ) -> Iterator[InputBlock]:
        """Yield the blocks of a unit, of whatever size is best; see ``read_unit``."""

    def empty(self, columns: Sequence[str]) -> pa.RecordBatch:
        """Return no rows of the given columns."""
        fields = [self.field(name) for name in columns]
        nothing = [pa.nulls(0, field.type) for field in fields]
        return pa.RecordBatch.from_arrays(nothing, schema=pa.schema(fields))

    def batches(
        self, columns: Sequence[str], batch_rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Yield the given columns in file order of rows, at most ``batch_rows`` each.

        Raises
        ------
        InputError
            When the file is damaged.
        RowFaultError
            When a row cannot be read: no row is left out in silence.
        """
        for unit in self.units(0):
            for block in read_unit(self, unit, columns, batch_rows):
                if block.rejects:
                    found = Counter((r.column or "*", r.code) for r in block.rejects)
                    raise RowFaultError(block.n_rows, block.n_rejected, found)
                yield block.batch

    def check_unchanged(self) -> None:
        """Check that the file is the one that was opened.

        Raises
        ------
        InputChangedError
            When it is not.
        """
        if self.fingerprint is not None:
            refuse_changed(self.path, self.fingerprint)

    def sha256(self) -> str | None:
        """Return the SHA-256 of the file's bytes, read anew; None for standard input.

        Raises
        ------
        InputChangedError
            When the file is no longer the one that was opened.
        """
        if self.fingerprint is None:
            return None
        digest = file_sha256(self.path)
        self.check_unchanged()
        return digest


def plan_units(sources: Iterable[Source]) -> list[WorkUnit]:
    """Return the work units of all sources, in order of sources and rows.

    The units depend on the files and on ``bounds.unit_bytes`` alone. Plain CSV is read
    once for it, so that every unit begins with a whole record and knows its rows.

    Raises
    ------
    InputError
        When a quote never closes, a record is too long or a source has too many rows.
    """
    return [unit for index, s in enumerate(sources) for unit in _units_of(s, index)]


def units_of_stretches(
    source: Source, index: int, sizes: Sequence[int]
) -> list[WorkUnit]:
    """Return units of a source whose rows are stored in groups of the given sizes.

    Small groups are read together, until there are 131,072 rows; units without rows are
    left out.
    """
    units: list[WorkUnit] = []
    start, first_row, n_rows = 0, 1, 0
    for stop, size in enumerate(sizes, 1):
        n_rows += size
        if n_rows >= _UNIT_ROWS or (stop == len(sizes) and n_rows):
            place = (len(units), start, stop, first_row, n_rows)
            units.append(WorkUnit(index, source.path, source.layout, *place))
            start, first_row, n_rows = stop, first_row + n_rows, 0
    return units


def _units_of(source: Source, index: int) -> list[WorkUnit]:
    try:
        units = source.units(index)
    except CfscoreError:
        raise
    except FOREIGN_ERRORS as error:
        source.check_unchanged()
        raise unreadable(source.path, source.layout, error) from None
    limit = source.options.bounds.max_rows
    n_rows = sum(unit.n_rows or 0 for unit in units)
    if limit is not None and n_rows > limit:
        raise too_many_rows(source.path, limit)
    return units


def read_unit(
    source: Source,
    unit: WorkUnit,
    columns: Sequence[str],
    batch_rows: int,
    encoded: Collection[str] = (),
) -> Iterator[InputBlock]:
    """Yield a unit's rows as blocks, every row of it once, in order.

    Parameters
    ----------
    source : Source
        The unit's source. Any number of threads may read units of one source, except
        for standard input.
    unit : WorkUnit
        From ``plan_units``.
    columns : sequence of str
        Names in ``source.schema``, or of declared columns.
    batch_rows : int
        Most rows of a block, rejected ones included; blocks may be smaller.
    encoded : collection of str
        Columns that may come dictionary-encoded where the file has them so, whatever
        their type in the schema: cheaper where only codes are wanted.

    Yields
    ------
    InputBlock
        Rows read and rows rejected.

    Raises
    ------
    InputError
        When the file is damaged, code ``UNREADABLE``, or beyond a bound.
    InputChangedError
        When the file is no longer the one that was opened.
    """
    options = source.options
    absent = [d for d in source.defaulted if d.column in columns]
    declared = {default.column for default in absent}
    there = [name for name in columns if name not in declared]
    try:
        for block in source.read(unit, there, batch_rows, encoded):
            checked = reject_lossy(block, options.identifiers or (), options.kept)
            checked = with_plain_numbers(checked, options.numbers)
            if absent:
                checked = with_defaults(checked, columns, absent)
            yield from checked.pieces(batch_rows)
    except CfscoreError:
        raise
    except FOREIGN_ERRORS as error:
        source.check_unchanged()
        raise unreadable(source.path, source.layout, error) from None
    source.check_unchanged()


def unreadable(path: Path, layout: str, error: Exception) -> InputError:
    """Return an error without the foreign text, which may hold cells of the file."""
    msg = f"The {layout} file {path.name!r} cannot be read ({type(error).__name__})."
    hint = "It is damaged, cut short or of another format."
    if isinstance(error, MemoryError):  # asked for by a damaged size, or a large batch
        hint = "It is damaged, or memory is exhausted: use fewer rows per batch."
    return InputError(msg, code="UNREADABLE", hint=hint)


def too_many_rows(path: Path, limit: int) -> InputError:
    """Return the error for a source beyond ``max_rows``."""
    msg = f"{path.name!r} has more than the {limit} rows allowed."
    return InputError(msg, code="TOO_MANY_ROWS", hint="Raise max_rows.")
