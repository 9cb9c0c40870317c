"""Finding: which files a path, folder or pattern stands for, and their formats."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from cfscore.exceptions import InputError

__all__ = [
    "ENDINGS",
    "STDIN",
    "Format",
    "find_sources",
    "format_of",
    "is_hidden",
    "is_partition",
]

#: Standard input.
STDIN = Path("-")


@dataclass(frozen=True)
class Format:
    """What an ending says.

    Parameters
    ----------
    layout : {"parquet", "arrow", "csv"}
        The format.
    compression : {"gzip", "zstd"} or None
        Of CSV.
    delimiter : str
        Of CSV, where none is declared.
    """

    layout: str
    compression: str | None = None
    delimiter: str = ","


#: File formats by the end of the name, lower case.
ENDINGS = {
    ".parquet": Format("parquet"),
    ".arrow": Format("arrow"),
    ".arrows": Format("arrow"),
    ".feather": Format("arrow"),
    ".ipc": Format("arrow"),
    ".csv": Format("csv"),
    ".csv.gz": Format("csv", "gzip"),
    ".csv.zst": Format("csv", "zstd"),
    ".tsv": Format("csv", None, "\t"),
    ".tsv.gz": Format("csv", "gzip", "\t"),
    ".tsv.zst": Format("csv", "zstd", "\t"),
}


def find_sources(pattern: str | os.PathLike[str]) -> list[Path]:
    """Return the files that a path, folder or glob pattern stands for, sorted.

    Parameters
    ----------
    pattern : path
        ``"-"`` is standard input. A folder stands for its files of known formats and
        for those of its ``key=value`` folders, in depth; names that start with ``.`` or
        ``_`` are left out, as Spark and Hive do.

    Raises
    ------
    InputError
        When there is no file; code ``NOT_FOUND`` or ``NOT_A_FILE``.
    """
    text = os.fspath(pattern)
    path = Path(text)
    if text == str(STDIN):
        return [STDIN]
    if path.is_dir():
        found = sorted(_files_of(path))
    elif has_magic(text) and not path.exists():
        found = sorted(p for p in map(Path, glob(text, recursive=True)) if p.is_file())
    else:
        _refuse_special(path)
        found = [path] if path.is_file() else []
    if not found:
        msg = f"No input file is found at {text!r}."
        hint = f"Give a file, a folder or a pattern of {', '.join(ENDINGS)} files."
        raise InputError(msg, code="NOT_FOUND", hint=hint)
    return found


def _files_of(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        if is_hidden(path.name):
            continue
        if path.is_file() and format_of(path) is not None:
            found.append(path)
        elif path.is_dir() and is_partition(path.name):
            found += _files_of(path)
    return found


def is_hidden(name: str) -> bool:
    """Return whether a name in a folder is left out."""
    return name.startswith((".", "_"))


def is_partition(name: str) -> bool:
    """Return whether a folder in a folder is searched too."""
    return "=" in name and not is_hidden(name)


def _refuse_special(path: Path) -> None:
    """Refuse what could be read for ever: devices, pipes, sockets."""
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        msg = f"{path.name!r} is not a regular file."
        hint = "Save it to a file, or pass an Arrow stream by standard input as '-'."
        raise InputError(msg, code="NOT_A_FILE", hint=hint)


def format_of(path: Path) -> Format | None:
    """Return the format by a file's ending; None where it is not known."""
    name = path.name.lower()
    fitting = [ending for ending in ENDINGS if name.endswith(ending)]
    return ENDINGS[max(fitting, key=len)] if fitting else None
