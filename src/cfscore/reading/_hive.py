"""Hive partitions: columns whose values stand in the names of folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

__all__ = ["constant_column", "partition_of"]

_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_of(path: Path) -> tuple[tuple[str, str | None], ...]:
    """Return the columns that a file's ``key=value`` folders give it, outermost first.

    Examples
    --------
    >>> partition_of(Path("book/year=2026/city=S%C3%A3o%20Paulo/0.parquet"))
    (('year', '2026'), ('city', 'São Paulo'))
    """
    pairs = [part.split("=", 1) for part in path.parts[:-1] if "=" in part.strip("=")]
    return tuple(
        (unquote(name), None if value == _NULL else unquote(value))
        for name, value in pairs
    )


def constant_column(value: str | None, n_rows: int) -> Any:
    """Return an Arrow text column that holds one value, null for None."""
    if value is None:
        return pa.nulls(n_rows, pa.string())
    data = value.encode()
    offsets = np.arange(n_rows + 1, dtype=np.int32) * np.int32(len(data))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data * n_rows)]
    return pa.Array.from_buffers(pa.string(), n_rows, buffers)
