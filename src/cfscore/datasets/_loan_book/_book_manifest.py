"""Manifest of a loan book: how it was made, what is in it, and how to check it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.datasets._calendar import (
    MACRO_SHOCK_AT,
    OBSERVED_FROM,
    OBSERVED_UNTIL,
    POPULATION_SHIFT_AT,
)
from cfscore.datasets._dictionary import SPECIAL_CODES
from cfscore.datasets._loan_book._clock import SNAPSHOT_AT
from cfscore.datasets._loan_book._invariant import INVARIANTS
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._schema_dirty import DIRTY_ROWS
from cfscore.datasets._loan_book._table import TableInfo
from cfscore.datasets._manifest import FileInfo, column_entry, instant_text

__all__ = ["BOOK_GENERATOR_VERSION", "LoanBookManifest"]

#: Raised whenever the rows of a given seed change.
BOOK_GENERATOR_VERSION = "2"

#: How the reasons for having no measurement look in the raw tables.
_SPECIAL_IN_RAW = {
    "NO_HIT": "a bureau_reports row whose hit is false",
    "NOT_APPLICABLE": "consent, no failure, and no rows of the source",
    "NEVER": "rows of the source, none of them of that kind",
    "SOURCE_DOWN": "the bit of the source in applications.source_down_mask",
    "NO_CONSENT": "the bit of the source missing in applications.consent_mask",
}


@dataclass(frozen=True)
class LoanBookManifest:
    """Description of a generated loan book.

    Parameters
    ----------
    customers : int
        Customers, each with one application or more.
    seed : int
        Which book.
    files : mapping of str to FileInfo
        By file name; the rows of each table among them.
    dirty_rows : mapping of str to mapping of str to int
        Number of rows that are dirty on purpose, by table and code.
    """

    customers: int
    seed: int
    files: Mapping[str, FileInfo]
    dirty_rows: Mapping[str, Mapping[str, int]]

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each table, dirty ones included, by name."""
        return {name: self.files[f"{name}.parquet"].rows for name in LOAN_BOOK_TABLES}

    @property
    def n_dirty_rows(self) -> int:
        """Rows of all tables that are dirty on purpose."""
        return sum(sum(found.values()) for found in self.dirty_rows.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as what JSON can hold.

        Returns
        -------
        dict
            Fields of the manifest, known dates, versions of the libraries that wrote
            the files, invariants by code, and the dictionary of tables and columns.
        """
        tables = (*LOAN_BOOK_TABLES.values(), DIRTY_ROWS)
        return {
            "generator": "cfscore.datasets.synthesize",
            "generator_version": BOOK_GENERATOR_VERSION,
            "customers": self.customers,
            "seed": self.seed,
            "files": {name: asdict(info) for name, info in self.files.items()},
            "dirty_rows": {
                name: dict(found) for name, found in self.dirty_rows.items()
            },
            "written_with": {"numpy": np.__version__, "pyarrow": pa.__version__},
            "observed_from": instant_text(OBSERVED_FROM),
            "observed_until": instant_text(OBSERVED_UNTIL),
            "population_shift_at": instant_text(POPULATION_SHIFT_AT),
            "macro_shock_at": instant_text(MACRO_SHOCK_AT),
            "snapshot_at": instant_text(SNAPSHOT_AT),
            "special_codes": dict(SPECIAL_CODES),
            "special_codes_in_raw_tables": dict(_SPECIAL_IN_RAW),
            "invariants": {str(code): text for code, text in INVARIANTS.items()},
            "tables": {table.name: _table(table) for table in tables},
        }

    def to_json(self) -> str:
        """Return the manifest as JSON text; the same book gives the same text.

        Returns
        -------
        str
            :meth:`to_dict` with Chinese as it is, ending with a line break.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"


def _table(table: TableInfo) -> dict[str, Any]:
    return {
        "meaning": table.meaning,
        "key": list(table.key),
        "references": dict(table.references),
        "columns": [
            {
                **column_entry(column),
                "levels": list(column.levels),
                "known_at": column.known_at,
            }
            for column in table.columns
        ],
    }
