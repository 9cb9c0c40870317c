"""Synthesis: a book of any size written to files, piece by piece."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.atomic_file import atomic_output
from cfscore.datasets._book import CHUNK_ROWS, book_portion, check_portion
from cfscore.datasets._dictionary import (
    APPLICATION_COLUMNS,
    TRUTH_COLUMNS,
    ColumnInfo,
    arrow_schema,
)
from cfscore.datasets._manifest import Manifest, describe_file
from cfscore.exceptions import OutputError

__all__ = ["synthesize"]

_APPLICATIONS = "applications.parquet"
_TRUTH = "truth.parquet"
_MANIFEST = "manifest.json"

#: Rows held in memory at once; each portion is one Parquet row group.
_PORTION_ROWS = 8 * CHUNK_ROWS

#: Every option that shapes the file's bytes is fixed here.
_PARQUET_OPTIONS = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": True,
    "write_statistics": True,
}


def synthesize(
    out_dir: str | os.PathLike[str], customers: int = 20_000, seed: int = 7
) -> Manifest:
    """Write a synthetic book of credit applications with a known truth.

    Three files appear in the folder once all are complete, the manifest last; earlier
    ones of the same names are replaced:

    ``applications.parquet``
        Features and the label ``bad`` (1 = bad), as :func:`application_table`.
    ``truth.parquet``
        True probability of default, as :func:`truth_table`. Not for models.
    ``manifest.json``
        Seed, hashes, dates of the drift, dictionary of the columns.

    Parameters
    ----------
    out_dir : path
        Folder to write to; made when it does not exist.
    customers : int, default 20_000
        Applications; at least 1. Memory does not grow with it.
    seed : int, default 7
        Which book; at least 0. The same seed gives the same rows everywhere, and the
        same bytes under one pyarrow version. A larger book begins with the smaller.

    Returns
    -------
    Manifest
        What ``manifest.json`` says.

    Raises
    ------
    UsageError
        When ``customers`` or ``seed`` is not a whole number in its range.
    OutputError
        When the folder cannot be made or written to.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     manifest = synthesize(folder, customers=1000)
    >>> manifest.files["truth.parquet"].rows
    1000
    """
    check_portion(customers, seed)
    folder = _made_folder(out_dir)
    # The files take their places in the reverse order: the manifest last.
    with (
        atomic_output(folder / _MANIFEST) as manifest_path,
        atomic_output(folder / _TRUTH) as truth_path,
        atomic_output(folder / _APPLICATIONS) as applications_path,
    ):
        bads = _write_tables(applications_path, truth_path, customers, seed)
        files = {
            _APPLICATIONS: describe_file(applications_path, customers),
            _TRUTH: describe_file(truth_path, customers),
        }
        manifest = Manifest(int(customers), int(seed), bads, files)
        manifest_path.write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _made_folder(out_dir: str | os.PathLike[str]) -> Path:
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {folder.name!r} could not be made: {error.strerror}."
        raise OutputError(msg, hint="Name a folder that can be written to.") from error
    return folder


def _write_tables(
    applications_path: Path, truth_path: Path, customers: int, seed: int
) -> int:
    """Write both tables portion by portion and return the number of bads."""
    bads = 0
    with (
        _writer(applications_path, APPLICATION_COLUMNS) as applications,
        _writer(truth_path, TRUTH_COLUMNS) as truth,
    ):
        for start in range(0, customers, _PORTION_ROWS):
            rows = min(_PORTION_ROWS, customers - start)
            portion = book_portion(rows, seed, start)
            applications.write_table(portion.applications, _PORTION_ROWS)
            truth.write_table(portion.truth, _PORTION_ROWS)
            bads += _count_bads(portion.applications)
    return bads


def _writer(path: Path, columns: tuple[ColumnInfo, ...]) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, arrow_schema(columns), **_PARQUET_OPTIONS)


def _count_bads(applications: pa.Table) -> int:
    """Return the number of ones in the label, which has no nulls."""
    (label,) = applications.column("bad").chunks
    labels = np.frombuffer(label.buffers()[1], dtype=np.int8)
    return int(labels[label.offset : label.offset + len(label)].sum())
