"""Column check: whether a source has the wanted columns, in types that can be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from cfscore.reading._source import Source
from cfscore.tables import is_readable, type_name

__all__ = ["column_faults"]


def column_faults(
    source: Source, scored: Sequence[str], kept: Collection[str] = ()
) -> list[tuple[str, str, str]]:
    """Return what speaks against reading columns of a source.

    Parameters
    ----------
    source : Source
        The source.
    scored : sequence of str
        Columns to be read as numbers, booleans or categories.
    kept : collection of str
        Columns to be carried over; dates, times and bytes may be among them.

    Returns
    -------
    list of (column, code, description)
        ``MISSING_COLUMN``, with a column that is called nearly so, and
        ``UNSUPPORTED_TYPE``; the faults of a ``SchemaError``.
    """
    faults = []
    declared = {default.column for default in source.defaulted}
    for name in dict.fromkeys([*scored, *kept]):
        if name in declared:
            continue
        if name not in source.columns:
            faults.append((name, "MISSING_COLUMN", _missing(name, source.columns)))
            continue
        kind = source.schema.field(name).type
        readable = is_readable(kind) or (name not in scored and _is_kept(kind))
        if not readable:
            found = f"has type {type_name(kind)}, which is no single value of a row"
            faults.append((name, "UNSUPPORTED_TYPE", found))
    return faults


def _is_kept(kind: Any) -> bool:
    types = pa.types
    return bool(
        types.is_temporal(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )


def _missing(name: str, columns: Sequence[str]) -> str:
    """Describe a missing column, with the one that differs in its signs only."""
    plain = {_plain(column): column for column in columns}
    close = get_close_matches(_plain(name), plain, n=1)
    if not close:
        return "is not in the file"
    return f"is not in the file; did you mean {plain[close[0]]!r}?"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
