"""Plain form of the record kernels: one regular expression for one record."""

from __future__ import annotations

import re


def record_ends(data: bytes, delimiter: bytes = b",", quote: bytes = b'"') -> list[int]:
    """Return where each complete record of well-formed CSV ends, blank lines skipped.

    A cell is quoted (anything, quotes doubled) or plain (no delimiter, no line end, no
    quote in front); a record is cells between delimiters, not nothing at all.
    """
    d, q = re.escape(delimiter), re.escape(quote)
    quoted = q + b"(?:[^" + q + b"]|" + q + q + b")*" + q
    plain = b"(?:[^" + q + d + rb"\r\n][^" + d + rb"\r\n]*)?"
    cell = b"(?:" + quoted + b"|" + plain + b")"
    record = re.compile(b"(" + cell + b"(?:" + d + cell + rb")*)(?:\r\n|\r|\n)")
    ends, position = [], 0
    while match := record.match(data, position):
        position = match.end()
        if match.group(1):
            ends.append(position)
    return ends
