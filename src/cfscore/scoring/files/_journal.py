"""Journal: the finished parts of a run, one line each, flushed as soon as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cfscore.reading import Source
from cfscore.scoring.files._parts import FinishedPart, Part, StagedFile
from cfscore.writing import Staging

__all__ = [
    "JOURNAL",
    "Journal",
    "find_finished",
    "hash_file",
    "is_same",
    "read_lines",
]

JOURNAL = "journal"


class Journal:
    """Lines about finished parts, for a run that goes on after this one.

    Parameters
    ----------
    staging : Staging
        Where it is kept.
    key : mapping of str to str
        What a run that takes parts over must agree in.
    finished : sequence of FinishedPart
        Parts that are taken over.
    """

    def __init__(
        self,
        staging: Staging,
        key: Mapping[str, str],
        finished: Sequence[FinishedPart] = (),
    ) -> None:
        self._staging = staging
        self._head = _line(key)
        self._is_begun = bool(finished)
        if finished:
            self._replace(finished)

    def add(self, finished: FinishedPart) -> None:
        """Append a part."""
        if self._is_begun:
            self._staging.append(JOURNAL, _line(finished.to_json()))
        else:
            self._replace([finished])
            self._is_begun = True

    def _replace(self, finished: Sequence[FinishedPart]) -> None:
        lines = [self._head, *(_line(part.to_json()) for part in finished)]
        self._staging.replace(JOURNAL, b"".join(lines))


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, allow_nan=False).encode() + b"\n"


def find_finished(
    staging: Staging,
    key: Mapping[str, str],
    parts: Sequence[Part],
    sources: Sequence[Source],
    places: Sequence[Path],
) -> list[FinishedPart]:
    """Return the parts that an earlier run has finished and that are still the same.

    Parameters
    ----------
    staging : Staging
        What that run left.
    key : mapping of str to str
        Hashes of plan and options.
    parts : sequence of Part
        Of this run.
    sources : sequence of Source
        Of this run.
    places : sequence of Path
        Where each part goes: a run that was killed while it moved its parts has left
        some of them there.
    """
    lines = read_lines(staging.folder / JOURNAL)
    if not lines or lines[0] != key:
        return []
    found = {}
    for content in lines[1:]:
        finished = FinishedPart.from_json(content)
        position = finished.position
        if position < len(parts) and finished.ranges == parts[position].ranges(sources):
            found[position] = finished
    return [
        finished
        for position, finished in sorted(found.items())
        if _can_be_taken(finished, staging.folder, places[position])
    ]


def _can_be_taken(finished: FinishedPart, folder: Path, place: Path) -> bool:
    """Return whether a part's input can be told to be the same, and its files are."""
    if any(mark["size"] is None for mark in finished.ranges):
        return False
    files = [(finished.file, [folder / finished.file.name, place])]
    if finished.rejects is not None:
        files.append((finished.rejects, [folder / finished.rejects.name]))
    return all(is_same(file, paths) for file, paths in files)


def read_lines(path: Path) -> list[Any]:
    """Return the lines of a journal up to one that was not finished."""
    lines = []
    with suppress(OSError, ValueError):
        for line in path.read_bytes().splitlines():
            lines.append(json.loads(line))
    return lines


def is_same(file: StagedFile, paths: Sequence[Path]) -> bool:
    """Return whether one of the paths holds the file, byte for byte."""
    return any(
        path.is_file()
        and path.stat().st_size == file.n_bytes
        and hash_file(path) == file.sha256
        for path in paths
    )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
