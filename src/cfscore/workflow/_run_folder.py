"""Run folder: all results of a development run, visible together or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import platform
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.atomic_file import write_atomically
from cfscore.exceptions import OutputError
from cfscore.plan import ScoringPlan
from cfscore.workflow._development_table import file_sha256
from cfscore.workflow._raw_tables import RawRecords
from cfscore.workflow._sample_split import SampleSplit

if TYPE_CHECKING:
    from cfscore.workflow._train import TrainingRun

__all__ = ["RUN_FILES", "check_run_folder", "points_csv", "write_run_folder"]

#: What a run folder may hold.
RUN_FILES = (
    "boosted.cfs",
    "characteristics.csv",
    "feature_dictionary.csv",
    "features.parquet",
    "labels.parquet",
    "manifest.json",
    "metrics.json",
    "points.csv",
    "scorecard.cfs",
    "waterfall.csv",
)

_POINTS_COLUMNS = (
    "characteristic",
    "attribute",
    "role",
    "policy",
    "count",
    "bad_rate",
    "woe",
    "coefficient",
    "log_odds",
    "points",
)


def check_run_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that may not be written.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    overwrite : bool
        Whether an earlier run may be replaced. A folder that holds anything else is
        refused in any case.

    Raises
    ------
    OutputError
        Code ``EXISTS``.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        msg = f"The run folder {folder.name!r} is a file."
        raise OutputError(msg, code="EXISTS", hint="Name another folder.")
    held = {entry.name for entry in folder.iterdir()}
    foreign = held - set(RUN_FILES)
    if foreign:
        msg = f"The run folder {folder.name!r} holds {len(foreign)} other file(s)."
        raise OutputError(msg, code="EXISTS", hint="Name another folder.")
    if held and not overwrite:
        msg = f"The run folder {folder.name!r} holds an earlier run."
        hint = "Name another folder, or give --overwrite to replace it."
        raise OutputError(msg, code="EXISTS", hint=hint)


def write_run_folder(
    run: TrainingRun, folder: Path, *, overwrite: bool = False
) -> dict[str, Any]:
    """Write every result of a run and return the manifest.

    Parameters
    ----------
    run : TrainingRun
        The finished run.
    folder : Path
        Its folder; made with its parents.
    overwrite : bool, default False
        Whether an earlier run may be replaced.

    Raises
    ------
    OutputError
        When it exists or cannot be written; what was there is untouched.
    """
    check_run_folder(folder, overwrite=overwrite)
    contents = {
        **{f"{name}.cfs": m.plan.to_bytes() for name, m in run.models.items()},
        "points.csv": points_csv(run.scorecard.plan).encode(),
        "characteristics.csv": run.characteristics.to_csv(index=False).encode(),
        "metrics.json": _json(run.metrics()),
        **(_record_files(run.records, run.split) if run.records else {}),
    }
    manifest = _manifest(run, contents)
    with _staged(folder) as stage:
        for name, data in {**contents, "manifest.json": _json(manifest)}.items():
            write_atomically(stage / name, data)
    return manifest


def points_csv(plan: ScoringPlan) -> str:
    """Return the points table as CSV text, numbers written so that they read back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_POINTS_COLUMNS)
    for c in plan.points.characteristics:
        for a in c.attributes:
            bad_rate = "" if a.bad_rate is None else a.bad_rate
            numbers = (bad_rate, a.woe, c.coefficient, a.log_odds, a.points)
            writer.writerow((c.name, a.label, a.role, a.policy, a.count, *numbers))
    return text.getvalue()


def _record_files(records: RawRecords, split: SampleSplit) -> dict[str, bytes]:
    """Return features, outcomes and their definitions, of every decision."""
    labels = with_samples(records.outcomes, split)
    files = {
        "features.parquet": _parquet(records.features),
        "labels.parquet": _parquet(labels),
        "waterfall.csv": records.waterfall.write_csv().encode(),
    }
    if records.catalogue is not None:
        dictionary = records.catalogue.dictionary()
        files["feature_dictionary.csv"] = dictionary.to_csv(index=False).encode()
    return files


def with_samples(outcomes: pl.DataFrame, split: SampleSplit) -> pl.DataFrame:
    """Return outcomes of decisions with the sample of each, null where y is null."""
    known = np.flatnonzero(outcomes["y"].is_not_null().to_numpy())
    sample = np.full(outcomes.height, None, object)
    for name, rows in split.samples.items():
        sample[known[rows]] = name
    # As a list: of an array, polars takes the type from the first element alone.
    return outcomes.with_columns(pl.Series("sample", sample.tolist(), pl.String))


def _parquet(frame: pl.DataFrame) -> bytes:
    stream = pa.BufferOutputStream()
    pq.write_table(frame.to_arrow(), stream, write_page_checksum=True)
    data: bytes = stream.getvalue().to_pybytes()
    return data


def _json(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode()


def _manifest(run: TrainingRun, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what is needed to make the run again, and to check that it was."""
    plans = {name: model.plan for name, model in run.models.items()}
    return {
        "kind": "cfscore training run",
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan_sha256": {name: plan.sha256 for name, plan in plans.items()},
        "training_fingerprint": {
            name: plan.provenance.training_fingerprint for name, plan in plans.items()
        },
        "inputs": [
            {
                "file": path.name,
                "bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for path in run.files
        ],
        "rows": {name: int(rows.size) for name, rows in run.split.samples.items()},
        **(_record_facts(run.records) if run.records else {}),
        "seeds": _seeds(run),
        "config": run.config.to_dict(),
        "versions": {
            "python": platform.python_version(),
            **run.scorecard.plan.provenance.versions,
            **({"polars": version("polars")} if run.records else {}),
        },
        "files": {
            name: hashlib.sha256(data).hexdigest() for name, data in contents.items()
        },
    }


def _record_facts(records: RawRecords) -> dict[str, Any]:
    """Return what labels and features of raw tables mean."""
    facts: dict[str, Any] = {
        "label": {
            "definition": str(records.labels.definition),
            "decisions": dict(records.waterfall.drop("n_left").iter_rows()),
            "loans": records.labels.counts,
        }
    }
    if records.catalogue is not None:
        facts["feature_catalogue"] = {
            "name": records.catalogue.name,
            "version": records.catalogue.version,
            "sha256": records.catalogue.sha256,
        }
    return facts


def _seeds(run: TrainingRun) -> dict[str, int]:
    seeds = {"split": run.config.split.seed}
    if run.config.boosted is None:
        return seeds
    drawn = {"calibration": run.config.split.calibration_seed}
    return {**seeds, **drawn, "boosted": run.config.boosted.seed}


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the target that takes its place at the end."""
    token = secrets.token_hex(8)
    stage = folder.parent / f".cfscore-{token}.tmp"
    earlier = folder.parent / f".cfscore-{token}.old"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage.mkdir()
        yield stage
        _swap(stage, folder, earlier)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        reason = error.strerror or type(error).__name__
        msg = f"The run folder {folder.name!r} could not be written: {reason}."
        raise OutputError(msg, hint="An earlier run is unchanged.") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _swap(stage: Path, folder: Path, earlier: Path) -> None:
    """Put the new folder where the earlier one was, or leave that where it is."""
    if folder.exists():
        os.replace(folder, earlier)
    try:
        os.replace(stage, folder)
    except OSError:
        if earlier.exists():
            os.replace(earlier, folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
