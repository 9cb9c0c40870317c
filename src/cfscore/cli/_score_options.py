"""Score options: what is declared about input files, and flags as options of a run."""

from __future__ import annotations

import os
from argparse import Namespace

from cfscore.cli._command_parser import CommandParser, count
from cfscore.reading import Bounds, CsvOptions, ReadOptions
from cfscore.scoring.files import FileOptions, Progress
from cfscore.writing import CsvFormat

__all__ = ["add_reading_flags", "file_options"]


def add_reading_flags(parser: CommandParser) -> None:
    """Add what can be declared about input files."""
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
        "--null",
        action="append",
        default=[],
        metavar="TEXT",
        help="of CSV: a text that means missing in every column; may be repeated",
    )
    add(
        "--identifier",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns of identifiers: one that went through a float is rejected",
    )
    add(
        "--require-checksums",
        action="store_true",
        help="refuse Parquet without page checksums",
    )
    add("--max-rows", type=count, metavar="N", help="refuse a longer file")


def file_options(arguments: Namespace, progress: Progress | None) -> FileOptions:
    """Return the options of a run.

    Raises
    ------
    UsageError
        When an option is wrong.
    """
    default = FileOptions()
    return FileOptions(
        reasons=arguments.reasons,
        keep=_columns(arguments.keep),
        on_bad=arguments.on_bad,
        resume=arguments.resume,
        batch_rows=arguments.batch_rows or default.batch_rows,
        max_rejected=arguments.max_rejects,
        progress=progress,
        layout=arguments.format,
        csv=CsvFormat(arguments.output_encoding, arguments.excel_safe),
        reading=_read_options(arguments),
        reject_values=arguments.rejects_include_values,
        strict_columns=arguments.strict_columns,
        expect_rows=arguments.expect_rows,
        expect_input_sha256=arguments.expect_input_sha256,
    )


def _read_options(arguments: Namespace) -> ReadOptions:
    return ReadOptions(
        csv=CsvOptions(
            delimiter="\t" if arguments.delimiter == "\\t" else arguments.delimiter,
            encoding=arguments.encoding,
            null_tokens=tuple(map(_as_typed, arguments.null)),
        ),
        bounds=Bounds(max_rows=arguments.max_rows),
        require_checksums=arguments.require_checksums,
        identifiers=tuple(_columns(arguments.identifier)),
    )


def _columns(given: list[str]) -> list[str]:
    names = [name.strip() for text in given for name in _as_typed(text).split(",")]
    return [name for name in names if name]


def _as_typed(text: str) -> str:
    """Return an argument as it was typed.

    Where the system's locale has no Chinese, the bytes of a Chinese argument arrive as
    half surrogate pairs.
    """
    is_whole = not any("\ud800" <= sign <= "\udfff" for sign in text)
    return text if is_whole else os.fsencode(text).decode("utf-8", "replace")
