"""Files of a loan book: written portion by portion, complete or not at all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.atomic_file import atomic_output
from cfscore.datasets._book import check_portion
from cfscore.datasets._folder import MANIFEST_FILE, PARQUET_OPTIONS, made_folder
from cfscore.datasets._loan_book._book_manifest import LoanBookManifest
from cfscore.datasets._loan_book._portion import draw_portions
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._schema_dirty import DIRTY_ROWS
from cfscore.datasets._loan_book._table import TableInfo
from cfscore.datasets._manifest import describe_file

__all__ = ["synthesize"]

#: Blocks held in memory at once; each portion is one Parquet row group.
_PORTION_BLOCKS = 4

Progress = Callable[[int, int], None]

_FILES: tuple[TableInfo, ...] = (*LOAN_BOOK_TABLES.values(), DIRTY_ROWS)


def synthesize(
    out_dir: str | os.PathLike[str],
    customers: int = 20_000,
    seed: int = 7,
    *,
    progress: Progress | None = None,
) -> LoanBookManifest:
    """Write a synthetic loan book: raw tables with a known truth.

    These files appear in the folder once all are complete, the manifest last; earlier
    ones of the same names are replaced:

    one Parquet file per table of ``LOAN_BOOK_TABLES``
        Customers and applications, credit reports with accounts, monthly statuses and
        inquiries, card transactions, balances, loans with instalments and
        repayments, shops and receivables. Every row has ``event_time`` and
        ``available_at``. ``truth.parquet`` is not for models.
    ``dirty_rows.parquet``
        Which rows break which invariant on purpose: 1 to 2 % of each table.
    ``manifest.json``
        Seed, hashes, dates of drift and extraction, dictionary of tables and columns.

    Parameters
    ----------
    out_dir : path
        Folder to write to; made when it does not exist.
    customers : int, default 20_000
        Customers, with 1.3 applications each; at least 1. Memory does not grow with
        it.
    seed : int, default 7
        Which book; at least 0. The same seed gives the same bytes under one version
        of numpy and pyarrow. The rows of a customer do not depend on how many follow:
        a larger book begins with the smaller.
    progress : callable, optional
        Told ``(done, total)`` customers as the book grows.

    Returns
    -------
    LoanBookManifest
        What ``manifest.json`` says.

    Raises
    ------
    UsageError
        When ``customers`` or ``seed`` is not a whole number in its range.
    OutputError
        When the folder cannot be made or written to, or holds a manifest of something
        else, a training run for example.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     manifest = synthesize(folder, customers=20)
    >>> manifest.rows["customers"], manifest.files["customers.parquet"].rows
    (20, 20)
    """
    check_portion(customers, seed)
    folder = made_folder(out_dir, MANIFEST_FILE)
    with ExitStack() as stack:
        # The files take their places in the reverse order: the manifest last.
        manifest_path = stack.enter_context(atomic_output(folder / MANIFEST_FILE))
        paths = {
            table.name: stack.enter_context(atomic_output(folder / table.file_name))
            for table in _FILES
        }
        rows, dirty = _write_tables(paths, int(customers), int(seed), progress)
        files = {
            table.file_name: describe_file(paths[table.name], rows[table.name])
            for table in _FILES
        }
        manifest = LoanBookManifest(int(customers), int(seed), files, _nested(dirty))
        manifest_path.write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _write_tables(
    paths: dict[str, Path], customers: int, seed: int, progress: Progress | None
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Write every table and return rows by table, dirty rows by table and code."""
    rows: Counter[str] = Counter()
    dirty: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        writers = {
            table.name: stack.enter_context(
                pq.ParquetWriter(paths[table.name], table.schema, **PARQUET_OPTIONS)
            )
            for table in _FILES
        }
        for portion in draw_portions(customers, seed, _PORTION_BLOCKS):
            tables = {**portion.tables, DIRTY_ROWS.name: portion.dirty_rows}
            for name, table in tables.items():
                writers[name].write_table(table, max(table.num_rows, 1))
                rows[name] += table.num_rows
            dirty.update(_pairs(portion.dirty_rows))
            if progress is not None:
                progress(portion.customers, customers)
    return rows, dirty


def _pairs(dirty_rows: pa.Table) -> list[tuple[str, str]]:
    names = dirty_rows.column("table").to_pylist()
    return list(zip(names, dirty_rows.column("code").to_pylist(), strict=True))


def _nested(dirty: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    return {
        name: {code: n for (table, code), n in sorted(dirty.items()) if table == name}
        for name in LOAN_BOOK_TABLES
    }
