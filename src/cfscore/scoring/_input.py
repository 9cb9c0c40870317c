"""Input of file runs: the names that a run needs of ``cfscore.reading``.

Interface::

    find_sources(pattern) -> list[Path]
        A file, folder (hive-partitioned ones in depth), glob pattern or "-".
    open_source(path, options: ReadOptions | None = None) -> Source
        Header, dialect, limits, fingerprint. InputError / SchemaError.
    column_faults(source, scored, kept=()) -> list of (column, code, description)
        Missing (with a near name), and of a type that no run takes: schema faults.
    plan_units(sources) -> list[WorkUnit]
        In order of sources and rows. Scans plain CSV once: exact record boundaries,
        first_row and n_rows; unclosed quotes refuse here.
    read_unit(source, unit, columns, batch_rows, encoded=()) -> Iterator[InputBlock]
        At most batch_rows rows (read + rejected) each, in row order, every row of the
        unit once. ``columns`` are names in ``source.schema``; those in ``encoded`` (the
        plan's categories that are not kept) may come as Arrow dictionaries. Safe in any
        thread; each call opens its own handle, except for standard input. Raises
        InputError (UNREADABLE and others; file refused), InputChangedError (code
        INPUT_CHANGED, a subclass of InputError; the run's exit code is 5).
    source.check_unchanged(), source.sha256(), source.notes
        After the last unit; for the manifest and the person.

``FAULT_CODES`` (in ``cfscore.tables``) has RAGGED 10, NUL_BYTE 11, CELL_TOO_LARGE 12
and ID_LOSSY 13; ENCODING 9 existed.
"""

from __future__ import annotations

from cfscore.reading import (
    Bounds,
    CsvOptions,
    Fingerprint,
    InputBlock,
    ReadOptions,
    RowReject,
    Source,
    WorkUnit,
    column_faults,
    find_sources,
    open_source,
    plan_units,
    read_unit,
)

__all__ = [
    "Bounds",
    "CsvOptions",
    "Fingerprint",
    "InputBlock",
    "ReadOptions",
    "RowReject",
    "Source",
    "WorkUnit",
    "column_faults",
    "find_sources",
    "open_source",
    "plan_units",
    "read_unit",
]
