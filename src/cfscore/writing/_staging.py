"""Staging: a hidden folder in which an output is made, and from which it appears.

Whatever is written here is flushed file by file and moves to its place only when all of
it is there: one rename per file, the last of them that of the manifest. Whatever fails
on the way puts back what stood there before. A killed run leaves the folder behind,
for a later run to go on from or to clear away.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cfscore.atomic_file import flush_directory, write_refusal
from cfscore.exceptions import OutputError
from cfscore.writing._lock import RunLock
from cfscore.writing._sink import HashedFile

__all__ = ["Replacement", "Staging", "open_staging"]

_LOCK = "lock"
_BEFORE = "before"

#: How file systems without hard links say so.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


@dataclass(frozen=True)
class Replacement:
    """What appears when an output is committed.

    Parameters
    ----------
    files : sequence of (Path, Path)
        Staged files and their places; one that is no longer staged is in its place.
    manifest : (Path, Path)
        Staged manifest and its place: moved last, so that it tells of a whole output.
    removed : sequence of Path
        Files of an earlier output that have no place in this one.
    """

    files: Sequence[tuple[Path, Path]]
    manifest: tuple[Path, Path]
    removed: Sequence[Path] = field(default=())


@contextmanager
def open_staging(folder: Path, output: Path) -> Iterator[Staging]:
    """Make the staging folder of an output and hold its lock.

    Parameters
    ----------
    folder : Path
        Staging folder, on the file system of the output; its parent must exist.
    output : Path
        What will appear, for messages.

    Yields
    ------
    Staging
        The folder, with whatever a killed run left in it.

    Raises
    ------
    OutputError
        When the folder cannot be made, or another run holds the lock.
    """
    lock = RunLock(folder / _LOCK, output)
    try:
        _make(folder, output)
        lock.acquire()
        yield Staging(folder, output)
    finally:
        lock.release()
        # Stays where there is something to go on from, or another run has it.
        with suppress(OSError):
            folder.rmdir()


def _make(folder: Path, output: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise write_refusal(output, error) from error


class Staging:
    """The staging folder of one run.

    Parameters
    ----------
    folder : Path
        The folder.
    output : Path
        What will appear, for messages.
    """

    def __init__(self, folder: Path, output: Path) -> None:
        self.folder = folder
        self.output = output

    def new_file(self, name: str, n_kept: int = 0) -> HashedFile:
        """Return a new staged file, or one that goes on after its first bytes."""
        return HashedFile(self.folder / name, self.output, n_kept)

    def write(self, name: str, data: bytes) -> HashedFile:
        """Write a whole staged file and return it closed."""
        with self.new_file(name) as file:
            file.write(data)
        return file

    def replace(self, name: str, data: bytes) -> None:
        """Write a staged file whole or not at all, one that is there included."""
        path = self.write(f"{name}.new", data).path
        with self._refusals():
            os.replace(path, self.folder / name)
            flush_directory(self.folder)

    def append(self, name: str, data: bytes) -> None:
        """Append to a staged file and flush it."""
        with self._refusals(), (self.folder / name).open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def clear(self, keep: Sequence[str] = ()) -> None:
        """Remove everything but the lock and the files named, as far as that goes.

        What cannot be removed is hidden, and in nobody's way.
        """
        kept = {_LOCK, *keep}
        with suppress(OSError):
            for path in sorted(self.folder.iterdir()):
                if path.name not in kept:
                    _remove(path)

    def commit(self, replacement: Replacement) -> None:
        """Move everything to its place; the old state is put back on any failure.

        Raises
        ------
        OutputError
            When something cannot be moved. The output is then as it was before, or,
            if the message says so, complete but perhaps not yet flushed to the disk.
        """
        manifest_place = replacement.manifest[1]
        undo = _Undo(self.folder / _BEFORE, self.output)
        with self._refusals(), ExitStack() as on_failure:
            flush_directory(self.folder)
            undo.keep(replacement)
            on_failure.callback(undo.restore)
            _move(replacement)
            on_failure.pop_all()
        self._flush_manifest(manifest_place)

    def _flush_manifest(self, place: Path) -> None:
        try:
            flush_directory(place.parent)
        except OSError as error:
            msg = f"Output {self.output.name!r} is complete, but may not survive a "
            msg += "power cut."
            code = errno.errorcode.get(error.errno or 0)
            raise OutputError(msg, code=code, hint="Check the disk.") from error

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise write_refusal(self.output, error) from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _move(replacement: Replacement) -> None:
    """Move the files to their places, while no manifest tells of a whole output."""
    manifest, manifest_place = replacement.manifest
    manifest_place.unlink(missing_ok=True)
    for path in replacement.removed:
        path.unlink(missing_ok=True)
    for staged, place in replacement.files:
        if staged.exists():
            os.replace(staged, place)
    flush_directory(manifest_place.parent)
    os.replace(manifest, manifest_place)


class _Undo:
    """What stood in the places before, kept under second names until all is done."""

    def __init__(self, folder: Path, output: Path) -> None:
        self.folder = folder
        self.output = output
        self.moves: list[tuple[Path, Path]] = []
        self.kept: list[tuple[Path, Path]] = []

    def keep(self, replacement: Replacement) -> None:
        """Keep what stands in the places."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        moves = [*replacement.files, replacement.manifest]
        self.moves = [(staged, place) for staged, place in moves if staged.exists()]
        places = [place for _, place in self.moves] + list(replacement.removed)
        for i, place in enumerate(places):
            if place.exists():
                self.kept.append((place, self.folder / str(i)))
                _name_again(*self.kept[-1])

    def restore(self) -> None:
        """Put everything back: new files to the staging folder, old ones in place."""
        try:
            for staged, place in self.moves:
                if not staged.exists():
                    os.replace(place, staged)
            for place, held in self.kept:
                if held.exists():
                    os.replace(held, place)
        except OSError as error:
            msg = f"Output {self.output.name!r} could not be written, nor could what "
            msg += "was there before be put back."
            hint = f"It is kept in {self.folder.parent.name!r} / {self.folder.name!r}."
            raise OutputError(msg, code="NOT_RESTORED", hint=hint) from error


def _name_again(place: Path, held: Path) -> None:
    """Give a file a second name, or copy it where the file system has no links."""
    try:
        os.link(place, held)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(place, held)
