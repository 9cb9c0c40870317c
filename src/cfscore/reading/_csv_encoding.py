"""CSV encoding: declared, told by a byte order mark, or detected; never guessed."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from cfscore.exceptions import InputError
from cfscore.reading._csv_text import CsvText, read_bytes

__all__ = ["GB18030_MARK", "UTF8_MARK", "find_encoding", "refuse_wrong_encoding"]

UTF8_MARK = codecs.BOM_UTF8
GB18030_MARK = "\ufeff".encode("gb18030")
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it starts with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    UTF8_MARK: "utf-8",
    GB18030_MARK: "gb18030",
}
_CHUNK_BYTES = 1 << 20
_FEWEST_LINES = 2
_FEWEST_UTF8_BYTES = 8
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")


def find_encoding(path: Path, compression: str | None, declared: str) -> str:
    """Return the encoding of a file.

    Parameters
    ----------
    path : Path
        The file.
    compression : {"gzip", "zstd"} or None
        Its compression.
    declared : str
        Name of an encoding, or ``"auto"``.

    Returns
    -------
    {"utf-8", "gb18030", "utf-16-le", "utf-16-be"}
        By the byte order mark, the declaration or, with ``"auto"``, by decoding the
        whole file strictly: UTF-8 first, then GB18030.

    Raises
    ------
    InputError
        When mark and declaration differ, or nothing decodes; code ``ENCODING``.
    """
    marked = _marked_encoding(path, compression)
    if marked == "utf-32":
        raise _refused(path, "is UTF-32, which is not supported")
    if declared == "auto":
        return marked or _detected_encoding(path, compression)
    if declared == "utf-16" and marked is None:
        hint = "Declare utf-16-le or utf-16-be."
        raise _refused(path, "is declared UTF-16 and has no byte order mark", hint)
    if marked is not None and not marked.startswith(declared):
        found = f"is {marked.upper()} by its byte order mark, declared is {declared}"
        raise _refused(path, found, f"Declare the encoding {marked} or auto.")
    return marked or declared


def _marked_encoding(path: Path, compression: str | None) -> str | None:
    with CsvText(path, compression, "bytes").open() as stream:
        start = read_bytes(stream, len(codecs.BOM_UTF32_LE))
    return next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)


def _detected_encoding(path: Path, compression: str | None) -> str:
    for encoding in ("utf-8", "gb18030"):
        if _decodes(CsvText(path, compression, encoding)):
            return encoding
    found = "is neither UTF-8 nor GB18030 from beginning to end"
    raise _refused(path, found, "Declare the encoding; faulty rows are then rejected.")


def _decodes(text: CsvText) -> bool:
    decoder = codecs.getincrementaldecoder(text.encoding)()
    with text.open() as stream:
        try:
            while data := read_bytes(stream, _CHUNK_BYTES):
                decoder.decode(data)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def refuse_wrong_encoding(path: Path, encoding: str, sample: bytes) -> None:
    """Refuse a file whose first lines say that it is in another encoding.

    Lines that do not decode are faults of their rows. The encoding itself is wrong when
    none of at least two lines beyond ASCII decodes and all do so in the other encoding;
    or, for GB18030, when the lines are UTF-8, which often decodes as GB18030, while
    GB18030 text of some length is never UTF-8.

    Raises
    ------
    InputError
        Code ``ENCODING``.
    """
    whole = [line for line in sample.splitlines(keepends=True) if line[-1] in b"\r\n"]
    lines = [line for line in whole if not line.isascii()]
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    if not lines or not all(_fits(line, other) for line in lines):
        return
    n_fitting = sum(_fits(line, encoding) for line in lines)
    n_beyond = sum(len(_NOT_ASCII.findall(line)) for line in lines)
    is_other = len(lines) >= _FEWEST_LINES and n_fitting == 0
    if is_other or (other == "utf-8" and n_beyond >= _FEWEST_UTF8_BYTES):
        hint = f"It looks like {other}: declare it, or auto."
        raise _refused(path, f"is not {encoding.upper()}", hint)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _refused(path: Path, found: str, hint: str | None = None) -> InputError:
    return InputError(
        f"The CSV file {path.name!r} {found}.", code="ENCODING", hint=hint
    )
