"""Manifest: everything a run has to answer for, gathered when all parts are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cfscore.plan import ScoringPlan
from cfscore.reading import CsvSource, Source
from cfscore.scoring.files._parts import FinishedPart, StagedFile
from cfscore.scoring.files._report import MANIFEST_FORMAT, FileReport
from cfscore.scoring.files._score_distribution import score_psi
from cfscore.scoring.files._tally import Tally
from cfscore.scoring.files._target import FileTarget

__all__ = ["build_manifest", "read_report", "total_tally"]


def total_tally(finished: Sequence[FinishedPart]) -> Tally:
    """Return the counts of all parts together."""
    total = Tally()
    for part in finished:
        total.add(part.tally)
    return total


def build_manifest(
    plan: ScoringPlan,
    key: Mapping[str, str],
    config: Mapping[str, Any],
    target: FileTarget,
    sources: Sequence[tuple[Source, str | None]],
    finished: Sequence[FinishedPart],
    rejects: StagedFile | None,
    repeated: int | None,
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    plan : ScoringPlan
        The plan.
    key : mapping of str to str
        Hashes of plan and options, and the version of this package.
    config : mapping of str to value
        Options that decide the bytes of the output.
    target : FileTarget
        Where the output goes.
    sources : sequence of (Source, str or None)
        The inputs with the SHA-256 of each, None for standard input.
    finished : sequence of FinishedPart
        All parts, in order.
    rejects : StagedFile or None
        The list of rejects.
    repeated : int or None
        Rows that repeat the kept columns of an earlier one; None where not counted.
    """
    total = total_tally(finished)
    used = {*plan.schema.names, *config["keep"]}
    inputs = [
        {
            **_input(source, sha256, total.rows[i], total.rejected[i]),
            "unused_columns": [name for name in source.columns if name not in used],
            "defaulted_columns": [default.column for default in source.defaulted],
        }
        for i, (source, sha256) in enumerate(sources)
    ]
    return {
        "format": MANIFEST_FORMAT,
        **key,
        "plan": plan.name,
        "options": dict(config),
        "inputs": inputs,
        "outputs": [_output(target, part) for part in finished],
        "rejects": None if rejects is None else _file(target.rejects, rejects),
        "rows_in": total.n_rows,
        "scored": total.n_rows - total.n_rejected,
        "rejected": total.n_rejected,
        "repeated": repeated,
        "columns": _columns(plan, total),
        "score": _score(plan, total),
    }


def _input(
    source: Source, sha256: str | None, n_rows: int, n_rejected: int
) -> dict[str, Any]:
    mark = source.fingerprint
    return {
        "path": str(source.path),
        "layout": source.layout,
        "csv": _csv(source),
        "size": mark.size if mark else None,
        "mtime_ns": mark.mtime_ns if mark else None,
        "sha256": sha256,
        "rows_in": n_rows,
        "scored": n_rows - n_rejected,
        "rejected": n_rejected,
        "notes": list(source.notes),
    }


def _csv(source: Source) -> dict[str, str] | None:
    """Return how a CSV file turned out to be written."""
    if not isinstance(source, CsvSource):
        return None
    return {"encoding": source.encoding, "delimiter": source.dialect.delimiter}


def _output(target: FileTarget, part: FinishedPart) -> dict[str, Any]:
    ranges = [
        {"input": mark["input"], "start": mark["start"], "stop": mark["stop"]}
        for mark in part.ranges
    ]
    return {
        **_file(target.part(part.position), part.file),
        "rows": part.tally.n_rows,
        "rejected": part.tally.n_rejected,
        "ranges": ranges,
    }


def _file(place: Path, staged: StagedFile) -> dict[str, Any]:
    return {"file": place.name, "sha256": staged.sha256, "bytes": staged.n_bytes}


def _columns(plan: ScoringPlan, total: Tally) -> dict[str, Any]:
    names = dict.fromkeys([*plan.schema.names, *(name for name, _ in total.faults)])
    return {name: _column(total, name) for name in names}


def _column(total: Tally, name: str) -> dict[str, Any]:
    cells = total.cells
    roles = {d: n for (c, kind, d), n in cells.items() if c == name and kind == "role"}
    found = {
        "missing": roles.pop("MISSING", 0),
        "unseen": roles.pop("UNSEEN", None),
        "special": roles,
        "non_finite": cells[name, "infinite", ""],
        "below_development": cells[name, "below", ""],
        "above_development": cells[name, "above", ""],
        "widened": cells[name, "widened", ""],
        "faults": {fault: n for (c, fault), n in total.faults.items() if c == name},
    }
    return found


def _score(plan: ScoringPlan, total: Tally) -> dict[str, Any]:
    development = plan.development
    expected = list(development.score_counts) if development else []
    return {
        "lowest": total.lowest,
        "highest": total.highest,
        "edges": list(development.score_edges) if development else [],
        "development_counts": expected,
        "counts": total.score_counts,
        "psi": score_psi(expected, total.score_counts) if expected else None,
    }


def read_report(
    manifest: Mapping[str, Any],
    target: FileTarget,
    shown: str,
    seconds: float,
    resumed_parts: int,
) -> FileReport:
    """Return what a manifest tells, as a report.

    Parameters
    ----------
    manifest : mapping
        See ``build_manifest``.
    target : FileTarget
        Where the output is.
    shown : str
        How the output was named.
    seconds : float
        Wall time of the run.
    resumed_parts : int
        Parts taken over from an earlier run.
    """
    columns: Mapping[str, Mapping[str, Any]] = manifest["columns"]
    folder = Path(shown) if target.is_folder else Path(shown).parent
    return FileReport(
        sources=tuple(source["path"] for source in manifest["inputs"]),
        target=shown,
        rows=manifest["rows_in"],
        scored=manifest["scored"],
        rejected=manifest["rejected"],
        faults={
            (name, fault): n
            for name, column in columns.items()
            for fault, n in column["faults"].items()
        },
        roles={name: _roles(column) for name, column in columns.items() if name != "*"},
        infinite={n: c["non_finite"] for n, c in columns.items() if c["non_finite"]},
        outside={n: o for n, c in columns.items() if any(o := _outside(c))},
        repeated=manifest["repeated"],
        defaulted=_defaulted(manifest["inputs"]),
        score_psi=manifest["score"]["psi"],
        manifest=str(folder / target.manifest.name),
        rejects=manifest["rejects"] and str(folder / target.rejects.name),
        outputs=tuple(str(folder / out["file"]) for out in manifest["outputs"]),
        notes=tuple(
            f"{Path(source['path']).name!r}: {note}"
            for source in manifest["inputs"]
            for note in source["notes"]
        ),
        resumed_parts=resumed_parts,
        seconds=seconds,
    )


def _defaulted(inputs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the rows that have the declared cell of a column that their file lacks."""
    found: dict[str, int] = {}
    for source in inputs:
        for name in source["defaulted_columns"]:
            found[name] = found.get(name, 0) + source["rows_in"]
    return found


def _roles(column: Mapping[str, Any]) -> dict[str, int]:
    unseen = {} if column["unseen"] is None else {"UNSEEN": column["unseen"]}
    return {**column["special"], "MISSING": column["missing"], **unseen}


def _outside(column: Mapping[str, Any]) -> tuple[int, int]:
    return column["below_development"], column["above_development"]
