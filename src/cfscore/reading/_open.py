"""Opening: a path becomes a source of its format, checked before any row is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cfscore.exceptions import CfscoreError, InputError, SchemaError
from cfscore.reading._arrow_file import open_arrow_file
from cfscore.reading._arrow_stream import open_arrow_stream, open_standard_input
from cfscore.reading._csv_source import open_csv
from cfscore.reading._find import ENDINGS, STDIN, Format, format_of
from cfscore.reading._magic import is_arrow_file, refuse_other_format
from cfscore.reading._options import ReadOptions
from cfscore.reading._parquet import open_parquet
from cfscore.reading._source import FOREIGN_ERRORS, Source, unreadable

__all__ = ["open_source"]


def open_source(path: Path, options: ReadOptions | None = None) -> Source:
    """Return a file's format, columns and, where known, rows.

    Parameters
    ----------
    path : Path
        A file of a known ending, or ``Path("-")`` for an Arrow stream on standard
        input.
    options : ReadOptions, optional
        What is declared about the file, and bounds.

    Returns
    -------
    Source
        Of the file's format.

    Raises
    ------
    InputError
        When the file is empty, of another format than its ending says, damaged or
        beyond a bound.
    SchemaError
        When a column has no name or the name of another.
    """
    chosen = options or ReadOptions()
    found = Format("arrow") if path == STDIN else _format(path)
    try:
        source = _open(path, found, chosen)
        _check_names(source, chosen.bounds.max_columns)
    except CfscoreError:
        raise
    except FOREIGN_ERRORS as error:
        raise unreadable(path, found.layout, error) from None
    return source


def _format(path: Path) -> Format:
    found = format_of(path)
    if found is None:
        msg = f"The format of {path.name!r} is not known by its ending."
        hint = f"Supported endings: {', '.join(ENDINGS)}."
        raise InputError(msg, code="UNKNOWN_FORMAT", hint=hint)
    refuse_other_format(path, found)
    return found


def _open(path: Path, found: Format, options: ReadOptions) -> Source:
    if path == STDIN:
        return open_standard_input(options)
    if found.layout == "parquet":
        return open_parquet(path, options)
    if found.layout == "csv":
        return open_csv(path, found.compression, options, found.delimiter)
    if is_arrow_file(path):
        return open_arrow_file(path, options)
    return open_arrow_stream(path, options)


def _check_names(source: Source, max_columns: int) -> None:
    names = source.columns
    if not names:
        msg = f"{source.path.name!r} has no columns."
        raise InputError(msg, code="EMPTY")
    if len(names) > max_columns:
        msg = (
            f"{source.path.name!r} has {len(names)} columns, not {max_columns} at most."
        )
        raise InputError(msg, code="TOO_MANY_COLUMNS", hint="Raise max_columns.")
    repeated = sorted(name for name, n in Counter(names).items() if n > 1)
    if repeated:
        found = "stands in the header twice"
        raise SchemaError([(name, "DUPLICATE_COLUMN", found) for name in repeated])
