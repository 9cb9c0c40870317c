"""Files: scored in a stream, written whole or not at all, every row accounted for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cfscore.exceptions import UsageError
from cfscore.plan import ScoringPlan
from cfscore.reading import (
    ReadOptions,
    Source,
    find_sources,
    open_source,
    resolve_defaults,
)
from cfscore.scoring.files._estimate import RunEstimate, estimate_run
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._report import FileReport
from cfscore.scoring.files._run import FileRun

if TYPE_CHECKING:
    from cfscore.scoring._scorer import Scorer

__all__ = ["estimate_file", "score_file"]

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def score_file(
    scorer: Scorer,
    source: Paths,
    target: str | os.PathLike[str],
    options: FileOptions | None = None,
) -> FileReport:
    """Score one or more files into one new file, or into a folder of parts.

    Beside the file, or in the folder, appear a manifest (``.manifest.json``), and a
    list of rejected rows (``.rejects.csv``) where they are put in quarantine.

    Parameters
    ----------
    scorer : Scorer
        The scorer.
    source : path, pattern or sequence of them
        Parquet, CSV or Arrow files, read in sorted order.
    target : path
        ``.parquet``, ``.csv`` or ``.arrow``; or a folder. Appears complete or not at
        all. ``"-"`` is an Arrow stream on standard output: rows go out as they are
        scored, without manifest or list of rejects, and where the run fails after that,
        the stream ends inside a message, so that a reader fails too.
    options : FileOptions, optional
        Reasons, kept columns, bad rows, batches, progress.

    Returns
    -------
    FileReport
        Every row accounted for.

    Raises
    ------
    UsageError
        When the target is one of the sources, lies where a folder or pattern of them
        would find it, or is of an unknown format.
    InputError
        When an input is refused; the target is then untouched.
    OutputError
        When the target cannot be written, or another run is writing it; it is then
        untouched.
    """
    return _run(scorer, source, target, options).write()


def estimate_file(
    scorer: Scorer,
    source: Paths,
    target: str | os.PathLike[str],
    options: FileOptions | None = None,
) -> RunEstimate:
    """Check what ``score_file`` would be given, and return what to expect of it.

    Nothing is written. Columns and types of all inputs are checked, plain CSV is read
    through for its rows, and the first rows are scored for the rate.

    Parameters
    ----------
    scorer, source, target, options
        See ``score_file``.

    Raises
    ------
    UsageError, InputError, OutputError
        As ``score_file`` before it scores.
    """
    return estimate_run(_run(scorer, source, target, options))


def _run(
    scorer: Scorer,
    source: Paths,
    target: str | os.PathLike[str],
    options: FileOptions | None,
) -> FileRun:
    chosen = options or FileOptions()
    reading = _read_options(scorer.plan, chosen)
    chosen = replace(chosen, reading=reading)
    patterns = [source] if isinstance(source, str | os.PathLike) else list(source)
    sources = _open_all(patterns, reading)
    return FileRun(scorer, sources, target, chosen, patterns)


def _read_options(plan: ScoringPlan, options: FileOptions) -> ReadOptions:
    """Return what is declared about the inputs, with columns of the plan."""
    formats, tokens = options.reading.numbers, options.reading.csv.null_tokens
    declared = resolve_defaults(options.defaults, plan.schema, formats, tokens)
    defaults = (*options.reading.defaults, *declared)
    reading = replace(options.reading, defaults=defaults)
    if reading.identifiers is not None:
        return reading
    numbers = {field.name for field in plan.schema.fields if field.kind == "numeric"}
    kept = tuple(name for name in options.keep if name not in numbers)
    return replace(reading, kept=kept)


def _open_all(
    patterns: Sequence[str | os.PathLike[str]], options: ReadOptions
) -> list[Source]:
    paths = [path for pattern in patterns for path in find_sources(pattern)]
    if len({path.resolve() for path in paths}) != len(paths):
        msg = "The same input file is given twice."
        raise UsageError(msg)
    return [open_source(path, options) for path in paths]
