"""Score options: the flags of ``cfscore score`` as options of a run."""

from __future__ import annotations

from argparse import Namespace

from cfscore.cli._reading_flags import column_defaults, column_names, read_options
from cfscore.scoring.files import FileOptions, Progress
from cfscore.writing import CsvFormat

__all__ = ["file_options"]


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
        keep=column_names(arguments.keep),
        on_bad=arguments.on_bad,
        resume=arguments.resume,
        batch_rows=arguments.batch_rows or default.batch_rows,
        max_rejected=arguments.max_rejects,
        progress=progress,
        layout=arguments.format,
        csv=CsvFormat(arguments.output_encoding, arguments.excel_safe),
        reading=read_options(arguments),
        defaults=column_defaults(arguments),
        reject_values=arguments.rejects_include_values,
        strict_columns=arguments.strict_columns,
        expect_rows=arguments.expect_rows,
        expect_input_sha256=arguments.expect_input_sha256,
    )
