"""Results as Arrow columns, built from buffers (``pa.array`` would import pandas)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.tables import keep_columns

__all__ = [
    "float_array",
    "integer_array",
    "join_kept",
    "result_table",
    "text_array",
    "text_codes",
]


def float_array(values: NDArray[np.float64]) -> pa.Array:
    """Return float64 values with NaN as null."""
    missing = np.isnan(values)
    return pa.Array.from_buffers(
        pa.float64(), len(values), [_validity(~missing), pa.py_buffer(values)]
    )


def integer_array(values: NDArray[np.uint8]) -> pa.Array:
    """Return uint8 values without nulls."""
    return pa.Array.from_buffers(
        pa.uint8(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))]
    )


def text_codes(indices: NDArray[np.int16], texts: Sequence[str]) -> pa.DictionaryArray:
    """Return the text at each index, null at -1, as codes of a dictionary."""
    known = indices >= 0
    positions = np.where(known, indices, 0).astype(np.int16)
    codes = pa.Array.from_buffers(
        pa.int16(), len(indices), [_validity(known), pa.py_buffer(positions)]
    )
    return pa.DictionaryArray.from_arrays(codes, _texts(texts))


def text_array(indices: NDArray[np.int16], texts: Sequence[str]) -> pa.Array:
    """Return the text at each index, null at -1."""
    return text_codes(indices, texts).dictionary_decode()


def result_table(
    scores: dict[str, NDArray[np.float64]],
    reason_indices: NDArray[np.int16],
    codes: Sequence[str],
    status: NDArray[np.uint8],
    *,
    decoded: bool = True,
) -> pa.Table:
    """Return scores, reason_1 .. reason_k and status as one Arrow table.

    The reasons are text, or, not decoded, codes of a dictionary of all reasons.
    """
    columns: dict[str, Any] = {n: float_array(v) for n, v in scores.items()}
    texts = text_array if decoded else text_codes
    for place in range(reason_indices.shape[1]):
        columns[f"reason_{place + 1}"] = texts(reason_indices[:, place], codes)
    columns["status"] = integer_array(status)
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def join_kept(batch: Any, keep: tuple[str, ...], scored: pa.Table) -> pa.Table:
    """Return the kept columns of a table, untouched, followed by the scored ones."""
    if not keep:
        return scored
    kept = keep_columns(batch, keep)
    return pa.Table.from_arrays(
        [*kept.columns, *scored.columns], names=[*keep, *scored.column_names]
    )


def _validity(valid: NDArray[np.bool_]) -> pa.Buffer | None:
    """Return the validity bitmap, None where every value is valid."""
    if valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little"))


def _texts(texts: Sequence[str]) -> pa.Array:
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)
