"""Checkpoint: finished folds on disk, so that a long comparison can be interrupted."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Checkpoint", "FoldResult"]


@dataclass(frozen=True)
class FoldResult:
    """One model on one fold.

    Parameters
    ----------
    task, contender, fold : str
        What was run.
    key : str
        Of data and code; a result under another key is not taken.
    gini : float or None
        On the test rows, -1..1; None where the model failed.
    n_train, n_test : int
        Rows.
    n_characteristics : int
        Characteristics with a part in the PD.
    wall_seconds, cpu_seconds : float
        Of the fit.
    failure : str
        Kind of error, empty where there was none.
    risk : list of float, optional
        PD of the test rows; kept where there is one split only.
    """

    task: str
    contender: str
    fold: str
    key: str
    gini: float | None
    n_train: int
    n_test: int
    n_characteristics: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    failure: str = ""
    risk: list[float] | None = None


class Checkpoint:
    """Finished folds, one JSON object per line, in the user's cache folder."""

    def __init__(self, name: str) -> None:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.path = Path(root) / "cfscore-benchmarks" / f"{name}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._done = {_identity(result): result for result in self._read()}

    def _read(self) -> list[FoldResult]:
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding="utf-8")
        if not text.endswith("\n"):  # cut off: the next record begins a new line
            self.path.write_text(text + "\n", encoding="utf-8")
        lines = text.splitlines()
        return [FoldResult(**record) for record in map(_parse, lines) if record]

    def find(self, task: str, contender: str, fold: str, key: str) -> FoldResult | None:
        """Return the result of an earlier run, if there is one."""
        return self._done.get((task, contender, fold, key))

    def add(self, result: FoldResult) -> None:
        """Keep a result, on disk before this returns."""
        self._done[_identity(result)] = result
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")


def _identity(result: FoldResult) -> tuple[str, str, str, str]:
    return result.task, result.contender, result.fold, result.key


def _parse(line: str) -> dict | None:
    """Return the record of a line, None for one that was cut off."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
