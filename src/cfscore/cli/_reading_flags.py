"""Reading flags: what is declared about input files, the same for every command."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import fields

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._number_flag import number_formats
from cfscore.exceptions import UsageError
from cfscore.reading import Bounds, CsvOptions, ReadOptions

__all__ = ["add_reading_flags", "column_defaults", "column_names", "read_options"]

#: Has a flag of its own.
_ROWS = "max_rows"
_BOUNDS = {bound.name: bound.default for bound in fields(Bounds) if bound.name != _ROWS}
#: Says that there is none, where something is the default.
_NONE = "none"


def add_reading_flags(parser: CommandParser) -> None:
    """Add what can be declared about input files."""
    _add_csv_flags(parser)
    add = parser.add_argument
    add(
        "--number-format",
        action="append",
        default=[],
        metavar="COLUMNS=PARTS",
        help="text columns with numbers that are not plain: 'income,limit=decimal:, "
        "thousands:. currency:¥ percent power:万:4 accounting full-width'; "
        "thousands:space for a space; may be repeated",
    )
    add(
        "--default",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="what rows have in a column of the plan that a file lacks, missing where "
        "nothing stands behind the sign; may be repeated",
    )
    add(
        "--identifier",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns of identifiers: one that went through a float is rejected; "
        "default: the kept columns, from 12 digits on; none looks at none",
    )
    add(
        "--require-checksums",
        action="store_true",
        help="refuse Parquet without page checksums",
    )
    add("--max-rows", type=count, metavar="N", help="refuse a longer file")
    add(
        "--bound",
        action="append",
        default=[],
        metavar="NAME=N",
        help="how much a file may ask for, in columns or bytes: "
        + ", ".join(f"{name} ({size:,})" for name, size in _BOUNDS.items()),
    )


def _add_csv_flags(parser: CommandParser) -> None:
    add = parser.add_argument
    add(
        "--encoding",
        default="utf-8",
        metavar="NAME",
        help="of CSV: utf-8 (default), gb18030, utf-16, auto",
    )
    add(
        "--delimiter",
        metavar="SIGN",
        help="of CSV: one sign, or auto; default: comma, tab for .tsv",
    )
    add(
        "--quote",
        default='"',
        metavar="SIGN",
        help="around cells of CSV, doubled inside them; none where there is none; "
        'default: "',
    )
    add(
        "--escape",
        metavar="SIGN",
        help="before a character of CSV that is to be taken as it is; default: none",
    )
    add(
        "--null",
        action="append",
        default=[],
        metavar="TEXT",
        help="of CSV: a text that means missing in every column; may be repeated",
    )
    add(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="of CSV: take the column OLD of the file for NEW; may be repeated",
    )


def read_options(arguments: Namespace) -> ReadOptions:
    """Return what the flags declare.

    Raises
    ------
    UsageError
        When a flag is wrong.
    """
    return ReadOptions(
        csv=CsvOptions(
            delimiter="\t" if arguments.delimiter == "\\t" else arguments.delimiter,
            encoding=arguments.encoding,
            quote=_sign(arguments.quote),
            escape=_sign(arguments.escape),
            null_tokens=tuple(map(as_typed, arguments.null)),
            rename=_renamed(map(as_typed, arguments.rename)),
        ),
        bounds=_bounds(arguments),
        require_checksums=arguments.require_checksums,
        identifiers=_identifiers(arguments.identifier),
        numbers=number_formats(map(as_typed, arguments.number_format)),
    )


def column_defaults(arguments: Namespace) -> dict[str, str]:
    """Return what the flags say of columns that a file may lack.

    Raises
    ------
    UsageError
        When a flag is wrong.
    """
    found: dict[str, str] = {}
    for text in map(as_typed, arguments.default):
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign):
            msg = f"--default takes COLUMN=VALUE, not {text!r}."
            raise UsageError(msg, hint="For example: --default age=35, --default age=")
        if name in found:
            msg = f"--default names {name!r} twice."
            raise UsageError(msg)
        found[name] = value
    return found


def _sign(given: str | None) -> str | None:
    return None if given == _NONE else given


def _renamed(given: Iterable[str]) -> dict[str, str]:
    """Return new names by old ones."""
    renamed: dict[str, str] = {}
    for text in given:
        old, sign, new = (part.strip() for part in text.partition("="))
        if not (old and sign and new):
            msg = f"--rename takes OLD=NEW, not {text!r}."
            raise UsageError(msg, hint="For example: --rename 年龄=age")
        if old in renamed or new in renamed.values():
            msg = f"--rename names {old if old in renamed else new!r} twice."
            raise UsageError(msg)
        renamed[old] = new
    return renamed


def _bounds(arguments: Namespace) -> Bounds:
    found: dict[str, int] = {}
    for text in arguments.bound:
        name, _, size = text.partition("=")
        if name not in _BOUNDS:
            msg = f"--bound knows no {name!r}."
            raise UsageError(msg, hint=f"Known: {', '.join(_BOUNDS)}.")
        try:
            found[name] = count(size)
        except argparse.ArgumentTypeError as error:
            msg = f"--bound {name}: {error}."
            raise UsageError(msg) from None
    return Bounds(max_rows=arguments.max_rows, **found)


def _identifiers(given: list[str]) -> tuple[str, ...] | None:
    if not given:
        return None
    names = column_names(given)
    return () if names == [_NONE] else tuple(names)


def column_names(given: Iterable[str]) -> list[str]:
    """Return the names in arguments, which are separated by commas."""
    names = [name.strip() for text in given for name in as_typed(text).split(",")]
    return [name for name in names if name]


def as_typed(text: str) -> str:
    """Return an argument as it was typed.

    Where the system's locale has no Chinese, the bytes of a Chinese argument arrive as
    half surrogate pairs.
    """
    is_whole = not any("\ud800" <= sign <= "\udfff" for sign in text)
    return text if is_whole else os.fsencode(text).decode("utf-8", "replace")
