"""File target: where an output goes, one file or a folder of parts, and its company."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cfscore.atomic_file import write_refusal
from cfscore.exceptions import OutputError, UsageError
from cfscore.reading import Source, would_find
from cfscore.writing import SUFFIXES, Layout

__all__ = ["FileTarget", "find_target", "refuse_later_input"]

#: Standard output.
STDOUT = Path("-")

_SUFFIX_OF = {layout: suffix for suffix, layout in SUFFIXES.items()}


@dataclass(frozen=True)
class FileTarget:
    """An output, links followed.

    Parameters
    ----------
    path : Path
        The file, or the folder of parts.
    layout : {"parquet", "csv", "arrow"}
        Layout of the file or the parts.
    is_folder : bool
        Whether it is a folder of parts.
    """

    path: Path
    layout: Layout
    is_folder: bool

    @property
    def is_stream(self) -> bool:
        """Whether it is standard output."""
        return self.path == STDOUT

    @property
    def folder(self) -> Path:
        """Where all its files lie."""
        return self.path if self.is_folder else self.path.parent

    @property
    def manifest(self) -> Path:
        """The manifest; readers of a folder pass over names that begin with ``_``."""
        if self.is_folder:
            return self.path / "_manifest.json"
        return self.path.with_name(self.path.name + ".manifest.json")

    @property
    def rejects(self) -> Path:
        """The list of rejected rows."""
        if self.is_folder:
            return self.path / "_rejects.csv"
        return self.path.with_name(self.path.name + ".rejects.csv")

    @property
    def staging(self) -> Path:
        """Hidden folder in which the output is made."""
        if self.is_folder:
            return self.path / ".cfscore-run"
        # Of the hash, as a name may already be as long as names get.
        digest = hashlib.sha256(os.fsencode(self.path.name)).hexdigest()
        return self.path.with_name(f".cfscore-{digest[:16]}")

    def part(self, position: int) -> Path:
        """Return the place of a part."""
        if not self.is_folder:
            return self.path
        return self.path / f"part-{position:05d}{_SUFFIX_OF[self.layout]}"

    def make_folder(self) -> None:
        """Make the folder of parts, where there is none.

        Raises
        ------
        OutputError
            When it cannot be made.
        """
        if not self.is_folder:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"The output folder {self.path.name!r} cannot be made: "
            msg += f"{error.strerror}."
            raise OutputError(msg, code=write_refusal(self.path, error).code) from error


def find_target(
    given: str | os.PathLike[str], sources: Sequence[Source], layout: Layout | None
) -> FileTarget:
    """Return where an output goes.

    Parameters
    ----------
    given : str or path
        A name with an ending is a file; an existing folder, or a name without ending
        or with a slash behind it, a folder of parts; ``"-"`` is standard output.
    sources : sequence of Source
        The inputs.
    layout : {"parquet", "csv", "arrow"}, optional
        The layout asked for.

    Raises
    ------
    UsageError
        When the ending is not known, or an input would be written over.
    OutputError
        When something that is no regular file stands there.
    """
    text = os.fspath(given)
    if text == str(STDOUT):
        return _standard_output(layout)
    try:
        path = Path(text).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that form a loop
        raise write_refusal(Path(text), error) from error
    is_folder = text.endswith(("/", os.sep)) or path.is_dir() or not path.suffix
    chosen = layout or (_common(sources) if is_folder else _by_ending(path))
    target = FileTarget(path, chosen, is_folder)
    _check_place(target, sources)
    return target


def _standard_output(layout: Layout | None) -> FileTarget:
    if layout not in (None, "arrow"):
        msg = f"Standard output is an Arrow stream, not {layout}."
        raise UsageError(msg, hint="Name an output file, or leave out the layout.")
    return FileTarget(STDOUT, "arrow", is_folder=False)


def _common(sources: Sequence[Source]) -> Layout:
    layouts = {source.layout.removesuffix("_stream") for source in sources}
    if layouts == {"csv"}:
        return "csv"
    return "arrow" if layouts == {"arrow"} else "parquet"


def _by_ending(path: Path) -> Layout:
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        msg = f"The output format of {path.name!r} is not known by its ending."
        hint = f"Supported endings: {', '.join(SUFFIXES)}; or a folder, with a slash."
        raise UsageError(msg, hint=hint)
    return found


def refuse_later_input(
    target: FileTarget,
    given: str | os.PathLike[str],
    patterns: Sequence[str | os.PathLike[str]],
    *,
    has_rejects: bool,
) -> None:
    """Refuse an output that the next run over the same inputs would read.

    Parameters
    ----------
    target : FileTarget
        The output.
    given : str or path
        What it was found by, perhaps a link.
    patterns : sequence of str or path
        What the inputs were found by: files, folders and patterns.
    has_rejects : bool
        Whether there may be a list of rejected rows.

    Raises
    ------
    UsageError
        When a file of the output lies where a folder or pattern finds inputs.
    """
    if target.is_stream:
        return
    files = [target.part(0), target.manifest]
    if has_rejects:
        files.append(target.rejects)
    if not target.is_folder:  # a link may have another name in another folder
        named = Path(given)
        files.append(named.parent.resolve() / named.name)
    for file in files:
        for pattern in patterns:
            if would_find(pattern, file):
                raise _later_input(file, pattern)


def _later_input(file: Path, pattern: str | os.PathLike[str]) -> UsageError:
    is_folder = Path(pattern).is_dir()
    where = "lies in the input folder" if is_folder else "matches the input pattern"
    msg = f"The output {file.name!r} {where} {os.fspath(pattern)!r}: "
    msg += "the next run would read it as an input."
    hint = "Write to another folder, or name it so that it is no input."
    return UsageError(msg, hint=hint)


def _check_place(target: FileTarget, sources: Sequence[Source]) -> None:
    inputs = {source.path.resolve() for source in sources}
    if target.is_folder:
        if any(path.parent == target.path for path in inputs):
            msg = f"The output folder {target.path.name!r} holds the inputs themselves."
            raise UsageError(msg, hint="Choose another folder.")
    elif inputs & {target.path, target.manifest, target.rejects}:
        msg = f"The output {target.path.name!r} is one of the inputs."
        raise UsageError(msg, hint="Choose another output path.")
    if target.path.exists() and not target.is_folder and not target.path.is_file():
        msg = f"Output {target.path.name!r} exists and is not a regular file."
        raise OutputError(msg, code="NOT_A_FILE", hint="Name another output.")
