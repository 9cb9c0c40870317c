"""Read options: what is declared about the files, and how much they may ask for."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from cfscore.exceptions import UsageError
from cfscore.reading._column_default import ColumnDefault
from cfscore.reading._number_format import NumberFormat

__all__ = ["Bounds", "CsvOptions", "ReadOptions"]

_ENCODINGS = {
    "ascii": "utf-8",
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb2312": "gb18030",  # both are subsets, and files outgrow their label
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}


@dataclass(frozen=True)
class CsvOptions:
    """What is declared about CSV files.

    Parameters
    ----------
    delimiter : str, optional
        One ASCII character, or ``"auto"`` to detect comma, tab, semicolon or ``|`` from
        the first lines. When omitted: tab for ``.tsv`` files, else comma.
    encoding : str, default "utf-8"
        ``"utf-8"`` (with or without byte order mark), ``"gb18030"`` (also under the
        names gbk and gb2312), ``"utf-16"``, or ``"auto"``: a byte order mark decides,
        else strict UTF-8 over the whole file, else strict GB18030, else refused.
    quote : str or None, default '"'
        One ASCII character around cells, doubled inside them; None where there is none.
    escape : str or None, default None
        One ASCII character before a character that is to be taken literally.
    null_tokens : tuple of str, default ()
        Texts that mean missing in every column, beside the empty cell.
    rename : mapping of str to str
        Names by the names that the file has for them.

    Raises
    ------
    UsageError
        When a sign is not one ASCII character or an encoding is not known.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    quote: str | None = '"'
    escape: str | None = None
    null_tokens: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the signs and the encoding."""
        signs = {
            "delimiter": None if self.delimiter == "auto" else self.delimiter,
            "quote": self.quote,
            "escape": self.escape,
        }
        given = [sign for sign in signs.values() if sign is not None]
        for name, sign in signs.items():
            if sign is not None and not _is_sign(sign):
                msg = (
                    f"CSV {name} must be one ASCII sign, not a letter, digit or space."
                )
                raise UsageError(msg)
        if len(set(given)) < len(given):
            msg = "CSV delimiter, quote and escape must be different signs."
            raise UsageError(msg)
        if self.encoding != "auto" and _codec(self.encoding) is None:
            known = ", ".join(_ENCODINGS)
            msg = f"CSV encoding {self.encoding!r} is not one of auto, {known}."
            raise UsageError(msg)

    @property
    def codec(self) -> str:
        """The declared encoding by its one name, or ``"auto"``."""
        return "auto" if self.encoding == "auto" else _codec(self.encoding) or ""


def _is_sign(sign: str) -> bool:
    return (
        len(sign) == 1
        and sign.isascii()
        and not sign.isalnum()
        and sign not in " \r\n\0"
    )


def _codec(name: str) -> str | None:
    try:
        return _ENCODINGS.get(codecs.lookup(name).name.replace("_", "-"))
    except LookupError:
        return None


@dataclass(frozen=True)
class Bounds:
    """How much a file may ask for; every bound can be set.

    Parameters
    ----------
    max_columns : int, default 10,000
        Columns of a file.
    max_header_bytes : int, default 1 MiB
        Length of a CSV header.
    max_record_bytes : int, default 16 MiB
        Length of a CSV record, beyond which the file is refused; what fits into a block
        is read all the same.
    max_cell_bytes : int, default 1 MiB
        Length of a CSV cell, beyond which its row is rejected.
    max_batch_bytes : int, default 64 MiB
        Target size of a batch in memory: fewer rows are read at a time where rows are
        wide.
    max_stored_batch_bytes : int, default 1 GiB
        Size of one record batch of an Arrow file, beyond which it is refused: such a
        batch can only be read whole.
    max_rows : int, optional
        Rows of a source, beyond which it is refused; unbounded when omitted.
    unit_bytes : int, default 64 MiB
        Target length of a CSV unit.

    Raises
    ------
    UsageError
        When a bound is not a positive integer.
    """

    max_columns: int = 10_000
    max_header_bytes: int = 1 << 20
    max_record_bytes: int = 16 << 20
    max_cell_bytes: int = 1 << 20
    max_batch_bytes: int = 64 << 20
    max_stored_batch_bytes: int = 1 << 30
    max_rows: int | None = None
    unit_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        """Check every bound."""
        for bound in fields(self):
            value = getattr(self, bound.name)
            unset = bound.name == "max_rows" and value is None
            if not unset and (not isinstance(value, int) or value < 1):
                msg = f"{bound.name} must be a positive integer."
                raise UsageError(msg)


@dataclass(frozen=True)
class ReadOptions:
    """How files are read.

    Parameters
    ----------
    csv : CsvOptions
        Dialect, encoding and null tokens of CSV files.
    bounds : Bounds
        Limits of size.
    require_checksums : bool, default False
        Whether a Parquet page without checksum refuses its file. Checksums that are
        there are always verified.
    identifiers : tuple of str, optional
        Columns that hold identifiers: a cell that went through a float (Excel's
        ``1.10101E+17``, a float64 beyond 2^53) rejects its row as ID_LOSSY. When
        omitted, the columns that a scoring run keeps, those apart that it scores as
        numbers; see ``kept``.
    kept : tuple of str, default ()
        Columns that may hold identifiers, or amounts: looked at like identifiers, but
        a text must stand for 12 digits or more, from which on Excel shortens.
    numbers : tuple of NumberFormat, default ()
        Text columns whose numbers are not written plainly. They come rewritten, so
        they must not be kept as well.
    defaults : tuple of ColumnDefault, default ()
        Columns that a file may lack, and what its rows then have there.

    Raises
    ------
    UsageError
        When a column has two number formats.
    """

    csv: CsvOptions = field(default_factory=CsvOptions)
    bounds: Bounds = field(default_factory=Bounds)
    require_checksums: bool = False
    identifiers: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    numbers: tuple[NumberFormat, ...] = ()
    defaults: tuple[ColumnDefault, ...] = ()

    def __post_init__(self) -> None:
        """Check the number formats."""
        names = [declared.column for declared in self.numbers]
        for name in names:
            if names.count(name) > 1:
                msg = f"Column {name!r} has two number formats."
                raise UsageError(msg, hint="Put what belongs to it into one of them.")
