"""Reach: whether a file that is not there yet would be found as an input."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from glob import glob, has_magic
from pathlib import Path

from cfscore.reading._find import STDIN, format_of, is_hidden, is_partition

__all__ = ["would_find"]

_ANY_DEPTH = "**"


def would_find(pattern: str | os.PathLike[str], path: Path) -> bool:
    """Return whether ``find_sources`` would find a new file in a folder or pattern.

    Parameters
    ----------
    pattern : path
        As for ``find_sources``. A name that stands for itself alone finds nothing new.
    path : Path
        Absolute; neither the file nor its folder need be there. Folders are told by
        what they are, not by what they are called: links do not hide one.
    """
    text = os.fspath(pattern)
    given = Path(text)
    folder, names = _split(path)
    if text == str(STDIN):
        return False
    if given.is_dir():
        *between, name = names
        return (
            all(map(is_partition, between))
            and not is_hidden(name)
            and format_of(Path(name)) is not None
            and any(_is_same(found, folder) for found in _partitions(given))
        )
    if not has_magic(text) or given.exists():
        return False
    return any(
        _is_same(found, folder)
        for prefix in _prefixes(given.parts, names)
        for found in _folders(prefix)
    )


def _split(path: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the deepest folder on the way that is there, and the names below it."""
    folder = next(folder for folder in path.parents if folder.is_dir())
    return folder, path.relative_to(folder).parts


def _is_same(folder: Path, other: Path) -> bool:
    try:
        return folder.samefile(other)
    except OSError:
        return False


def _partitions(folder: Path) -> Iterator[Path]:
    """Yield a folder and its ``key=value`` folders, in depth."""
    yield folder
    for path in folder.iterdir():
        if is_partition(path.name) and path.is_dir():
            yield from _partitions(path)


def _prefixes(parts: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Path]:
    """Yield the beginnings of a pattern whose rest fits the names."""
    for n in range(len(parts) + 1):
        rests = [parts[n:]]
        if n and parts[n - 1] == _ANY_DEPTH:  # may end above a folder or go on below
            rests.append(parts[n - 1 :])
        if any(_fits(names, rest) for rest in rests):
            yield Path(*parts[:n])


def _folders(prefix: Path) -> list[Path]:
    if not has_magic(str(prefix)):
        return [prefix]
    return [Path(found) for found in glob(f"{prefix}{os.sep}", recursive=True)]


def _fits(names: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Return whether names one below the other fit a pattern, as ``glob`` has it."""
    if not parts or not names:
        return not names and all(part == _ANY_DEPTH for part in parts)
    first, others = parts[0], parts[1:]
    if first == _ANY_DEPTH:
        deeper = not names[0].startswith(".") and _fits(names[1:], parts)
        return deeper or _fits(names, others)
    return _name_fits(names[0], first) and _fits(names[1:], others)


def _name_fits(name: str, part: str) -> bool:
    if not has_magic(part):
        return name == part
    is_shown = part.startswith(".") or not name.startswith(".")
    return is_shown and fnmatch(name, part)
