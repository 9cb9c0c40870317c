"""Folder of a book: made when needed, its Parquet files all written alike."""

from __future__ import annotations

import os
from pathlib import Path

from cfscore.exceptions import OutputError

__all__ = ["PARQUET_OPTIONS", "made_folder"]

#: Every option that shapes a file's bytes is fixed here.
PARQUET_OPTIONS = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": True,
    "write_statistics": True,
}


def made_folder(out_dir: str | os.PathLike[str]) -> Path:
    """Return the folder, made when it does not exist.

    Raises
    ------
    OutputError
        When it cannot be made.
    """
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {folder.name!r} could not be made: {error.strerror}."
        raise OutputError(msg, hint="Name a folder that can be written to.") from error
    return folder
