"""Folder of a book: made when needed, its Parquet files all written alike."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cfscore.exceptions import OutputError

__all__ = ["MANIFEST_FILE", "PARQUET_OPTIONS", "made_folder"]

MANIFEST_FILE = "manifest.json"
#: Begins what a manifest of this package says of itself.
_GENERATOR = "cfscore.datasets."

#: Every option that shapes a file's bytes is fixed here.
PARQUET_OPTIONS = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": True,
    "write_statistics": True,
}


def made_folder(out_dir: str | os.PathLike[str], manifest: str) -> Path:
    """Return the folder, made when it does not exist.

    Parameters
    ----------
    out_dir : path
        The folder.
    manifest : str
        Name of the manifest that will be written to it.

    Raises
    ------
    OutputError
        When it cannot be made, or holds a manifest of something else (code
        ``"EXISTS"``), which would be lost.
    """
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {folder.name!r} could not be made: {error.strerror}."
        raise OutputError(msg, hint="Name a folder that can be written to.") from error
    _refuse_other_manifest(folder / manifest)
    return folder


def _refuse_other_manifest(path: Path) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        found = None
    generator = found.get("generator") if isinstance(found, dict) else None
    if not str(generator).startswith(_GENERATOR):
        msg = f"The folder {path.parent.name!r} holds a {path.name} of something else."
        raise OutputError(msg, code="EXISTS", hint="Name another folder.")
