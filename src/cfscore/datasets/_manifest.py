"""Manifest: what was generated, how, and the hashes to check it by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.datasets._calendar import (
    MACRO_SHOCK_AT,
    OBSERVED_FROM,
    OBSERVED_UNTIL,
    POPULATION_SHIFT_AT,
)
from cfscore.datasets._dictionary import (
    APPLICATION_COLUMNS,
    SPECIAL_CODES,
    TRUTH_COLUMNS,
    ColumnInfo,
)

__all__ = [
    "GENERATOR_VERSION",
    "FileInfo",
    "Manifest",
    "column_entry",
    "describe_file",
    "instant_text",
]

#: Raised whenever the rows of a given seed change.
GENERATOR_VERSION = "1"


@dataclass(frozen=True)
class FileInfo:
    """One written file.

    Parameters
    ----------
    rows : int
        Rows of the table.
    size : int
        Bytes of the file.
    sha256 : str
        Hash of the file's bytes, lower-case hexadecimal. It depends on the pyarrow
        version, the rows do not.
    """

    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Description of a generated book.

    Parameters
    ----------
    customers : int
        Applications.
    seed : int
        Which book.
    bads : int
        Applications with label 1.
    files : mapping of str to FileInfo
        By file name.
    """

    customers: int
    seed: int
    bads: int
    files: Mapping[str, FileInfo]

    @property
    def bad_rate(self) -> float:
        """Share of bads among the applications, 0..1."""
        return self.bads / self.customers

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as what JSON can hold.

        Returns
        -------
        dict
            Fields of the manifest, dates of the drift, versions of the libraries that
            wrote the files, special codes, and the dictionary of the columns by file.
        """
        return {
            "generator": "cfscore.datasets.synthesize_flat",
            "generator_version": GENERATOR_VERSION,
            "customers": self.customers,
            "seed": self.seed,
            "bads": self.bads,
            "bad_rate": round(self.bad_rate, 6),
            "files": {name: asdict(info) for name, info in self.files.items()},
            "written_with": {"numpy": np.__version__, "pyarrow": pa.__version__},
            "observed_from": instant_text(OBSERVED_FROM),
            "observed_until": instant_text(OBSERVED_UNTIL),
            "population_shift_at": instant_text(POPULATION_SHIFT_AT),
            "macro_shock_at": instant_text(MACRO_SHOCK_AT),
            "special_codes": dict(SPECIAL_CODES),
            "columns": {
                "flat_applications.parquet": [
                    column_entry(c) for c in APPLICATION_COLUMNS
                ],
                "flat_truth.parquet": [column_entry(c) for c in TRUTH_COLUMNS],
            },
        }

    def to_json(self) -> str:
        """Return the manifest as JSON text; the same book gives the same text.

        Returns
        -------
        str
            :meth:`to_dict` with Chinese as it is, ending with a line break.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"


def describe_file(path: Path, rows: int) -> FileInfo:
    """Return size and hash of a written file of that many rows."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileInfo(rows=rows, size=path.stat().st_size, sha256=digest)


def instant_text(at: datetime) -> str:
    """Return an instant as text, ISO 8601 with Z."""
    return at.isoformat().replace("+00:00", "Z")


def column_entry(info: ColumnInfo) -> dict[str, Any]:
    """Return the description of a column as what JSON can hold."""
    return {
        "name": info.name,
        "type": info.arrow_type,
        "role": info.role,
        "unit": info.unit,
        "meaning": info.meaning,
        "expected_direction": info.direction,
        "special_codes": [code.name for code in info.special],
        "missing": info.missing,
    }
