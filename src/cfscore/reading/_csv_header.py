"""CSV header: delimiter, column names, and what the first lines say against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cfscore.exceptions import InputError, SchemaError
from cfscore.reading._csv_encoding import refuse_wrong_encoding
from cfscore.reading._csv_records import Dialect
from cfscore.reading._csv_sample import CsvSample, FirstRecord, take_sample
from cfscore.reading._csv_text import CsvText
from cfscore.reading._options import ReadOptions

__all__ = ["Header", "read_header"]

_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}
_SAMPLE_BYTES = 1 << 18


@dataclass(frozen=True)
class Header:
    """What the first lines of a CSV file say.

    Parameters
    ----------
    names : tuple of str
        Column names.
    dialect : Dialect
        With the delimiter declared or detected.
    data_start : int
        Position in the text where the line after the header starts.
    """

    names: tuple[str, ...]
    dialect: Dialect
    data_start: int


def read_header(text: CsvText, options: ReadOptions, delimiter: str) -> Header:
    """Return the header of a CSV text.

    Parameters
    ----------
    text : CsvText
        The text.
    options : ReadOptions
        Quote, escape and bounds.
    delimiter : str
        The declared delimiter, or ``"auto"``.

    Raises
    ------
    InputError
        When there is no header, it is too long, it or the first lines do not decode,
        or delimiter and lines do not go together.
    SchemaError
        When names are empty; all are listed.
    """
    limit = options.bounds.max_header_bytes
    declared = Dialect(delimiter, options.csv.quote, options.csv.escape)
    for n_bytes in (_SAMPLE_BYTES, limit + _SAMPLE_BYTES):  # few headers are long
        sample = take_sample(text, n_bytes)
        refuse_wrong_encoding(text.path, sample.encoding, sample.data)
        dialect = declared if delimiter != "auto" else _detected(sample, declared)
        found = sample.first(dialect)
        if found.cells or not sample.is_cut:
            break
    _check_cells(found, sample, dialect, limit)
    _check_names(text.path, found.cells, options.bounds.max_columns)
    _refuse_trailing_delimiter(text.path, len(found.cells), sample.rows(dialect))
    return Header(found.cells, dialect, len(sample.mark) + found.n_bytes)


def _detected(sample: CsvSample, dialect: Dialect) -> Dialect:
    """Return the dialect that cuts header and first rows into as many cells each."""
    fitting = []
    for tried in _dialects(dialect):
        n_cells = len(sample.first(tried).cells)
        if n_cells > 1 and all(len(row) == n_cells for row in sample.rows(tried)):
            fitting.append(tried)
    if len(fitting) > 1:
        signs = " and ".join(_DELIMITERS[tried.delimiter] for tried in fitting)
        found = f"has lines that {signs} cut alike"
        raise _refused(sample.text.path, found, "DELIMITER", "Declare the delimiter.")
    return fitting[0] if fitting else replace(dialect, delimiter=",")


def _dialects(dialect: Dialect) -> list[Dialect]:
    signs = (s for s in _DELIMITERS if s not in (dialect.quote, dialect.escape))
    return [replace(dialect, delimiter=sign) for sign in signs]


def _check_cells(
    found: FirstRecord, sample: CsvSample, dialect: Dialect, limit: int
) -> None:
    """Refuse a header that is too long, badly quoted, absent or cut by another sign."""
    path = sample.text.path
    if len(found.cells) <= 1:
        _refuse_other_delimiter(sample, dialect)
    if found.n_bytes > limit or (sample.is_cut and not found.cells):
        msg = f"has a header of more than {limit} bytes"
        raise _refused(path, msg, "HEADER_TOO_LARGE", "Raise max_header_bytes.")
    if found.has_bad_quotes:
        msg = "has a header whose quotes do not close where a cell ends"
        raise _refused(path, msg, "UNCLOSED_QUOTE")
    if not found.cells:
        raise _refused(path, "has no header", "EMPTY")


def _refuse_other_delimiter(sample: CsvSample, dialect: Dialect) -> None:
    for other in _dialects(dialect):
        if other != dialect and len(sample.first(other).cells) > 1:
            used = _DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))
            name = _DELIMITERS[other.delimiter]
            found = f"has one column by {used}, and several by {name}"
            hint = f"Declare the delimiter: {name}."
            raise _refused(sample.text.path, found, "DELIMITER", hint)


def _check_names(path: Path, names: Sequence[str], limit: int) -> None:
    if len(names) > limit:
        found = f"has {len(names)} columns, more than the {limit} allowed"
        raise _refused(path, found, "TOO_MANY_COLUMNS", "Raise max_columns.")
    empty = [i for i, name in enumerate(names, 1) if not name.strip()]
    faults = [(f"number {i}", "EMPTY_NAME", "has no name") for i in empty]
    hint = None
    if empty == [len(names)] and len(names) > 1:
        hint = "The header ends with a delimiter: remove it."
    if faults:
        raise SchemaError(faults, hint=hint)


def _refuse_trailing_delimiter(
    path: Path, n_columns: int, rows: list[list[str]]
) -> None:
    if rows and all(len(row) == n_columns + 1 and not row[-1] for row in rows):
        found = "has a delimiter at the end of its data lines, not of its header"
        hint = "Remove it, or give the last column a name."
        raise _refused(path, found, "TRAILING_DELIMITER", hint)


def _refused(path: Path, found: str, code: str, hint: str | None = None) -> InputError:
    return InputError(f"The CSV file {path.name!r} {found}.", code=code, hint=hint)
