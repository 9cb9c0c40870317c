"""Checks: what a run is refused for before any of its rows is read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cfscore.exceptions import SchemaError, UsageError
from cfscore.plan import ScoringPlan
from cfscore.reading import ColumnDefault, Source, column_faults
from cfscore.scoring.files._block_scorer import kept_type, plain_type
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._target import FileTarget
from cfscore.tables import type_name
from cfscore.writing import unwritable_columns

__all__ = ["check_run"]


def check_run(
    plan: ScoringPlan,
    sources: Sequence[Source],
    target: FileTarget,
    options: FileOptions,
) -> None:
    """Refuse a run that cannot be done as asked, or whose inputs lack what it needs.

    Raises
    ------
    UsageError
        When options and files do not go together.
    SchemaError
        When an input lacks a column, or has one that cannot be used.
    """
    if options.expect_input_sha256 is not None and len(sources) != 1:
        msg = f"One hash is expected of {len(sources)} inputs."
        raise UsageError(msg, hint="Give one input file with it.")
    _check_streams(sources, target, options)
    _check_declared(plan, sources, options)
    _check_schemas(plan, sources, target, options)


def _check_streams(
    sources: Sequence[Source], target: FileTarget, options: FileOptions
) -> None:
    """Refuse what cannot be done where an input or the output is no file."""
    streams = ["input"] if any(not source.fingerprint for source in sources) else []
    streams += ["output"] if target.is_stream else []
    if options.resume and streams:
        msg = f"A run with standard {streams[0]} cannot be resumed: nothing is kept."
        raise UsageError(msg, hint="Leave out --resume, or name a file.")
    if options.reject_values and target.is_stream:
        msg = "There is no list of rejects, nor their values, with standard output."
        raise UsageError(msg, hint="Name an output file.")


def _check_declared(
    plan: ScoringPlan, sources: Sequence[Source], options: FileOptions
) -> None:
    """Refuse what is declared about columns that nothing is done with."""
    reading = options.reading
    used = {*plan.schema.names, *options.keep}
    declared = [("identifier", name) for name in reading.identifiers or ()]
    declared += [("column of numbers", form.column) for form in reading.numbers]
    for what, name in declared:
        if name not in used:
            msg = f"The {what} {name!r} is neither scored nor kept."
            close = get_close_matches(name, sorted(used), n=1)
            raise UsageError(msg, hint=f"Did you mean {close[0]!r}?" if close else None)
    if reading.csv.rename and all(source.layout != "csv" for source in sources):
        msg = "Columns are renamed in CSV files only, and there is none in the input."
        raise UsageError(msg)


def _check_schemas(
    plan: ScoringPlan,
    sources: Sequence[Source],
    target: FileTarget,
    options: FileOptions,
) -> None:
    """Refuse before anything is read what no row of the inputs could change."""
    for source in sources:
        faults = column_faults(source, plan.schema.names, options.keep)
        if faults:
            n_columns = len(source.columns)
            hint = f"File {source.path.name!r} has {n_columns} columns."
            raise SchemaError(faults, hint=hint)
        if len(source.defaulted) == len(plan.schema):
            found = "are all missing; a default is for a column that may be missing"
            raise SchemaError([("*", "MISSING_COLUMN", found)])
        if options.strict_columns:
            _refuse_unused(source, {*plan.schema.names, *options.keep})
    kept = [(name, kept_type(sources, name)) for name in options.keep]
    faults = [
        (name, "TYPE_DIFFERS", difference)
        for name, kind in kept
        if (difference := _difference(sources, name, kind))
    ]
    faults += unwritable_columns(kept, target.layout)
    if faults:
        raise SchemaError(faults)


def _difference(sources: Sequence[Source], name: str, kind: Any) -> str | None:
    """Return in what a kept column is not of one type in all inputs."""
    for source in sources:
        declared = [d for d in source.defaulted if d.column == name]
        if declared and not _can_be(declared[0], kind):
            return f"is {type_name(kind)} in an input file, which its default is not"
        if not declared and plain_type(source.field(name).type) != kind:
            return "has another type in another input file"
    return None


def _can_be(default: ColumnDefault, kind: Any) -> bool:
    try:
        pc.cast(default.cells(1), kind)
    except pa.ArrowException:  # the cell is no value of the type, or no cell can be
        return False
    return True


def _refuse_unused(source: Source, used: Collection[str]) -> None:
    unused = [name for name in source.columns if name not in used]
    if unused:
        found = f"of {source.path.name!r} is neither scored nor kept"
        raise SchemaError([(name, "EXTRA_COLUMN", found) for name in unused])
