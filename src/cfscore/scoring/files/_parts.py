"""Parts: what a run is cut into; each is written, flushed and taken over as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cfscore.reading import Source, WorkUnit
from cfscore.scoring.files._tally import Tally

__all__ = ["PART_ROWS", "FinishedPart", "Part", "StagedFile", "cut_parts"]

#: Rows of a part: a few seconds' work, so that little is lost with an unfinished one.
PART_ROWS = 1 << 20


@dataclass(frozen=True)
class Part:
    """Consecutive units that are written to one file.

    Parameters
    ----------
    position : int
        Position in the run, from 0.
    units : tuple of WorkUnit
        At least one, except in a run without any rows.
    """

    position: int
    units: tuple[WorkUnit, ...]

    @property
    def name(self) -> str:
        """Name of its staged file."""
        return f"part-{self.position:05d}"

    @property
    def rejects_name(self) -> str:
        """Name of its staged list of rejects."""
        return f"rejects-{self.position:05d}"

    def ranges(self, sources: Sequence[Source]) -> list[dict[str, Any]]:
        """Return what the part reads, with what tells whether it is still the same."""
        return [_range(unit, sources[unit.source]) for unit in self.units]


def _range(unit: WorkUnit, source: Source) -> dict[str, Any]:
    mark = source.fingerprint
    return {
        "input": unit.source,
        "path": str(source.path),
        "start": unit.start,
        "stop": unit.stop,
        "size": mark.size if mark else None,
        "mtime_ns": mark.mtime_ns if mark else None,
        "inode": mark.inode if mark else None,
    }


@dataclass(frozen=True)
class StagedFile:
    """A file that is written and flushed.

    Parameters
    ----------
    name : str
        Its name in the staging folder.
    sha256 : str
        Of its bytes.
    n_bytes : int
        Their number.
    """

    name: str
    sha256: str
    n_bytes: int

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> StagedFile:
        """Return what was written as JSON."""
        return cls(
            str(content["name"]), str(content["sha256"]), int(content["n_bytes"])
        )


@dataclass(frozen=True, eq=False)
class FinishedPart:
    """A part that is written and flushed.

    In a run into one file: what lies between two checkpoints, its files those of the
    run up to the second.

    Parameters
    ----------
    position : int
        Of the part.
    ranges : list of dict
        What it read.
    file : StagedFile
        Its scored rows.
    rejects : StagedFile or None
        Its rejects; None in a run that lists none.
    tally : Tally
        What was met.
    footer : StagedFile or None, default None
        What will describe its rows in the end of the file, where rows before it and
        after it are in the same one.
    """

    position: int
    ranges: list[dict[str, Any]]
    file: StagedFile
    rejects: StagedFile | None
    tally: Tally
    footer: StagedFile | None = None

    @property
    def files(self) -> list[StagedFile]:
        """All its files."""
        files = (self.file, self.rejects, self.footer)
        return [file for file in files if file is not None]

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "position": self.position,
            "ranges": self.ranges,
            "file": vars(self.file),
            "rejects": self.rejects and vars(self.rejects),
            "tally": self.tally.to_json(),
            "footer": self.footer and vars(self.footer),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> FinishedPart:
        """Return the part that was written by ``to_json``."""
        rejects, footer = content["rejects"], content["footer"]
        return cls(
            int(content["position"]),
            list(content["ranges"]),
            StagedFile.from_json(content["file"]),
            rejects and StagedFile.from_json(rejects),
            Tally.from_json(content["tally"]),
            footer and StagedFile.from_json(footer),
        )


def cut_parts(units: Sequence[WorkUnit], is_folder: bool) -> list[Part]:
    """Return the parts of a run; a single file is one part.

    Units follow each other into a part until it has ``PART_ROWS`` rows. The cut depends
    on the units alone, and so on the inputs.

    Parameters
    ----------
    units : sequence of WorkUnit
        In order.
    is_folder : bool
        Whether there may be several.
    """
    if not is_folder or not units:
        return [Part(0, tuple(units))]
    return [Part(i, group) for i, group in enumerate(_groups(units))]


def _groups(units: Sequence[WorkUnit]) -> Iterator[tuple[WorkUnit, ...]]:
    group: list[WorkUnit] = []
    n_rows = 0
    for unit in units:
        size = PART_ROWS if unit.n_rows is None else unit.n_rows
        if group and n_rows + size > PART_ROWS:
            yield tuple(group)
            group, n_rows = [], 0
        group.append(unit)
        n_rows += size
    yield tuple(group)
