"""Magic: what the first bytes of a file say against its ending."""

from __future__ import annotations

from pathlib import Path

from cfscore.exceptions import InputError
from cfscore.reading._find import Format

__all__ = ["is_arrow_file", "refuse_other_format"]

_ARROW_FILE = b"ARROW1\x00\x00"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_KNOWN = {
    b"PAR1\x15": "Parquet",  # four letters alone could be the name of a column
    b"PARE": "encrypted Parquet",
    _ARROW_FILE: "Arrow",
    b"FEA1": "Feather version 1",
    b"PK\x03\x04": "a zip archive or an Excel workbook (xlsx)",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook (xls)",
    _GZIP: "gzip",
    _ZSTD: "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh91AY": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7-zip",
    b"Rar!\x1a": "rar",
}
_LONGEST = max(map(len, _KNOWN))
_STARTS = {
    ("parquet", None): b"PAR1",
    ("csv", "gzip"): _GZIP,
    ("csv", "zstd"): _ZSTD,
}
_HINTS = {
    "gzip": "Name it .csv.gz.",
    "zstd": "Name it .csv.zst.",
    "encrypted Parquet": "Decrypt it first: keys are not supported.",
}


def refuse_other_format(path: Path, expected: Format) -> None:
    """Refuse a file whose first bytes are those of another format.

    Raises
    ------
    InputError
        Code ``EMPTY`` where it has no bytes, else ``UNKNOWN_FORMAT``.
    """
    with path.open("rb") as file:
        start = file.read(_LONGEST)
    if not start:
        msg = f"The input file {path.name!r} is empty."
        raise InputError(msg, code="EMPTY")
    required = _STARTS.get((expected.layout, expected.compression))
    if required is not None and start.startswith(required):
        return
    found = next(
        (name for magic, name in _KNOWN.items() if start.startswith(magic)), ""
    )
    if expected.layout == "arrow" and found in ("Arrow", ""):
        return  # a stream has no magic
    if required is None and not found:
        return
    wanted = expected.compression or expected.layout
    msg = f"{path.name!r} is {found or 'not ' + wanted} by its first bytes."
    hint = _HINTS.get(found, "Name it after its format, or convert it.")
    raise InputError(msg, code="UNKNOWN_FORMAT", hint=hint)


def is_arrow_file(path: Path) -> bool:
    """Return whether an Arrow file has the file format; else it is a stream."""
    with path.open("rb") as file:
        return file.read(len(_ARROW_FILE)) == _ARROW_FILE
