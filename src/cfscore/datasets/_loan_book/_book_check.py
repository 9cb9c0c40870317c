"""Check of a loan book: every row that breaks an invariant, and which one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from cfscore.datasets._arrow import level_array, number_array
from cfscore.datasets._folder import MANIFEST_FILE
from cfscore.datasets._loan_book._invariant import INVARIANTS
from cfscore.datasets._loan_book._link_check import check_links
from cfscore.datasets._loan_book._month_check import check_months
from cfscore.datasets._loan_book._row_check import Finding, check_rows
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._schema_dirty import DIRTY_ROWS
from cfscore.datasets._loan_book._table_file import TableFile, open_table
from cfscore.exceptions import InputError

__all__ = ["LoanBookCheck", "check_loan_book"]

_TABLES = tuple(LOAN_BOOK_TABLES)
_CODES = tuple(str(code) for code in INVARIANTS)
_COLUMNS = tuple(
    sorted({c for table in LOAN_BOOK_TABLES.values() for c in table.column_names})
)
_SCHEMA = pa.schema([DIRTY_ROWS.schema.field(i) for i in range(4)])


@dataclass(frozen=True, eq=False)
class LoanBookCheck:
    """What is wrong with the tables of a folder.

    Parameters
    ----------
    breaches : pyarrow.Table
        Columns ``table``, ``row`` (position in its file, from 0), ``code`` (of
        ``INVARIANTS``) and ``column`` (null where the row itself is wrong); by table
        and row.
    rows : mapping of str to int
        Rows of each table that there is.
    """

    breaches: pa.Table
    rows: Mapping[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether no row breaks any invariant."""
        return bool(self.breaches.num_rows == 0)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Number of breaches by table and code; of what was found only."""
        found: dict[str, dict[str, int]] = {}
        names = self.breaches.column("table").to_pylist()
        codes = self.breaches.column("code").to_pylist()
        for name, code in zip(names, codes, strict=True):
            of_table = found.setdefault(name, {})
            of_table[code] = of_table.get(code, 0) + 1
        return found

    def rows_of(self, table: str) -> list[int]:
        """Return the positions of the rows of a table that break an invariant.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        list of int
            Ascending, each once: what to leave out for clean data.
        """
        names = self.breaches.column("table").to_pylist()
        rows = self.breaches.column("row").to_pylist()
        return sorted({r for r, n in zip(rows, names, strict=True) if n == table})


def check_loan_book(
    folder: str | os.PathLike[str], snapshot_at: datetime | None = None
) -> LoanBookCheck:
    """Find the rows of raw tables that break an invariant.

    Parameters
    ----------
    folder : path
        Holds Parquet files named after tables of ``LOAN_BOOK_TABLES``, with their
        columns; further columns and files are ignored. What needs a table that is
        not there is left out.
    snapshot_at : datetime with a time zone, optional
        When the tables were extracted; nothing in them happened later. When omitted,
        taken from ``manifest.json``, and without that not checked.

    Returns
    -------
    LoanBookCheck
        Breaches by table, row and code. Each row of a repeated key but the first is
        a duplicate, and takes no part in sums and sequences.

    Raises
    ------
    InputError
        When no table is there or a file cannot be read.
    SchemaError
        When columns are missing or of another type.

    Notes
    -----
    One column is in memory at a time, with some arrays of its length.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cfscore.datasets import synthesize
    >>> with TemporaryDirectory() as folder:
    ...     manifest = synthesize(folder, customers=20)
    ...     found = check_loan_book(folder)
    >>> found.counts == {k: v for k, v in manifest.dirty_rows.items() if v}
    True
    """
    path = Path(folder)
    opened = {name: open_table(path, info) for name, info in LOAN_BOOK_TABLES.items()}
    tables = {name: table for name, table in opened.items() if table is not None}
    if not tables:
        msg = f"The folder {path.name!r} holds no table of a loan book."
        raise InputError(msg, hint=f"Wanted are files such as {_TABLES[0]}.parquet.")
    snapshot = _snapshot(path) if snapshot_at is None else snapshot_at
    cutoff = None if snapshot is None else round(snapshot.timestamp() * 1e6)
    parts = [
        _breaches(_TABLES.index(name), finding)
        for name, table in tables.items()
        for finding in _findings(table, tables, cutoff)
    ]
    breaches = pa.concat_tables(parts).combine_chunks()
    return LoanBookCheck(
        breaches=_by_table_and_row(breaches),
        rows={name: table.n_rows for name, table in tables.items()},
    )


def _findings(
    table: TableFile, tables: Mapping[str, TableFile], snapshot: int | None
) -> list[Finding]:
    found = [*check_rows(table, snapshot), *check_links(table, tables)]
    if table.info.name == "bureau_monthly_status":
        found.extend(check_months(table))
    return found


def _snapshot(folder: Path) -> datetime | None:
    path = folder / MANIFEST_FILE
    if not path.exists():
        return None
    text = json.loads(path.read_text(encoding="utf-8")).get("snapshot_at")
    return None if text is None else datetime.fromisoformat(text)


def _breaches(table: int, finding: Finding) -> pa.Table:
    breach, column, rows = finding
    place = _COLUMNS.index(column) if column else -1
    arrays = [
        level_array(np.full(rows.size, table), _TABLES),
        number_array(rows, pa.int64()),
        level_array(np.full(rows.size, _CODES.index(breach)), _CODES),
        level_array(np.full(rows.size, place), _COLUMNS),
    ]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def _by_table_and_row(breaches: pa.Table) -> pa.Table:
    place = {name: at for at, name in enumerate(_TABLES)}
    table = np.array([place[n] for n in breaches.column("table").to_pylist()], np.int64)
    row = np.array(breaches.column("row").to_pylist(), dtype=np.int64)
    return breaches.take(pa.array(np.lexsort((row, table))))
