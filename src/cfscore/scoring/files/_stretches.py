"""Stretches: what an earlier run into one file has written, up to a checkpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cfscore.reading import Source
from cfscore.scoring.files._journal import JOURNAL, is_same, read_lines
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile
from cfscore.writing import Staging

__all__ = ["find_stretches"]

_READ_BYTES = 1 << 20


def find_stretches(
    staging: Staging,
    key: Mapping[str, str],
    part: Part,
    sources: Sequence[Source],
    places: tuple[Path, Path],
) -> list[FinishedPart]:
    """Return the stretches that an earlier run has written and that still hold.

    Parameters
    ----------
    staging : Staging
        What that run left.
    key : mapping of str to str
        Hashes of plan and options.
    part : Part
        All units of this run.
    sources : sequence of Source
        Of this run.
    places : (Path, Path)
        Where the file goes, and its rejects: a run that was killed while it moved them
        has left them there.
    """
    lines = read_lines(staging.folder / JOURNAL)
    ranges = part.ranges(sources)
    if not lines or lines[0] != key or any(mark["size"] is None for mark in ranges):
        return []
    found: list[FinishedPart] = []
    stop = 0
    for stretch in map(FinishedPart.from_json, lines[1:]):
        start, stop = stop, stop + len(stretch.ranges)
        if stretch.ranges != ranges[start:stop]:
            break
        if stop == len(ranges):
            if _is_whole(staging.folder, stretch, places):
                return [*found, stretch]
            break
        found.append(stretch)
    return found[: _count_held(staging.folder, found)]


def _is_whole(folder: Path, last: FinishedPart, places: tuple[Path, Path]) -> bool:
    return all(
        is_same(file, [folder / file.name, place])
        for file, place in zip((last.file, last.rejects), places, strict=True)
        if file is not None
    )


def _count_held(folder: Path, stretches: Sequence[FinishedPart]) -> int:
    """Return up to which stretch all that the journal tells of is there."""
    footers = [stretch.footer for stretch in stretches]
    rejects = [stretch.rejects for stretch in stretches]
    with_footer = [f is None or is_same(f, [folder / f.name]) for f in footers]
    return min(
        [*with_footer, False].index(False),
        _count_lengths(folder, [stretch.file for stretch in stretches]),
        _count_lengths(folder, rejects),
    )


def _count_lengths(folder: Path, files: Sequence[StagedFile | None]) -> int:
    """Return how many of the lengths that one file had one after another it holds."""
    known = [file for file in files if file is not None]
    if not known:
        return len(files)
    hashed, position = hashlib.sha256(), 0
    with suppress(OSError), (folder / known[0].name).open("rb") as held:
        for n, file in enumerate(known):
            while data := held.read(min(_READ_BYTES, file.n_bytes - position)):
                hashed.update(data)
                position += len(data)
            if hashed.hexdigest() != file.sha256:
                return n
        return len(known)
    return 0
