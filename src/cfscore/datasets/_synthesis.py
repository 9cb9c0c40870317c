"""Synthesis: an application table of any size written to files, piece by piece."""

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
from cfscore.datasets._folder import PARQUET_OPTIONS, made_folder
from cfscore.datasets._manifest import Manifest, describe_file

__all__ = ["synthesize_flat"]

_APPLICATIONS = "flat_applications.parquet"
_TRUTH = "flat_truth.parquet"
_MANIFEST = "flat_manifest.json"

#: Rows held in memory at once; each portion is one Parquet row group.
_PORTION_ROWS = 8 * CHUNK_ROWS


def synthesize_flat(
    out_dir: str | os.PathLike[str], customers: int = 20_000, seed: int = 7
) -> Manifest:
    """Write a synthetic flat table of credit applications with a known truth.

    The features are drawn directly, not computed from the raw tables that
    :func:`synthesize` writes: the two have nothing in common but their population.

    Three files appear in the folder once all are complete, the manifest last; earlier
    ones of the same names are replaced:

    ``flat_applications.parquet``
        Features and the label ``bad`` (1 = bad), as :func:`application_table`.
    ``flat_truth.parquet``
        True probability of default, as :func:`truth_table`. Not for models.
    ``flat_manifest.json``
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
        What ``flat_manifest.json`` says.

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
    ...     manifest = synthesize_flat(folder, customers=1000)
    >>> manifest.files["flat_truth.parquet"].rows
    1000
    """
    check_portion(customers, seed)
    folder = made_folder(out_dir, _MANIFEST)
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
    return pq.ParquetWriter(path, arrow_schema(columns), **PARQUET_OPTIONS)


def _count_bads(applications: pa.Table) -> int:
    """Return the number of ones in the label, which has no nulls."""
    (label,) = applications.column("bad").chunks
    labels = np.frombuffer(label.buffers()[1], dtype=np.int8)
    return int(labels[label.offset : label.offset + len(label)].sum())
